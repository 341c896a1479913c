// The validating stub resolver: asks the configured servers, believes none of them, and says of each answer
// whether it is secure, insecure, bogus or indeterminate (RFC 4035 section 4.3), with the chain that was walked.

import { getServers } from 'node:dns';
import type { Clock, RandomBytes } from '@countersign/core';
import { createLookupCache } from './cache.js';
import { rootAnchors, type TrustAnchor } from './dnssec/anchors.js';
import { type AnswerStep, assessAnswer, type Finding, speaksOf } from './dnssec/answer.js';
import { type ChainCache, type ChainLink, createChainCache, type SecurityStatus } from './dnssec/chain.js';
import { createLookupContext } from './dnssec/context.js';
import { Ede } from './dnssec/ede.js';
import { type DnssecLimits, defaultLimits } from './dnssec/limits.js';
import { DnsError } from './error.js';
import type { Message } from './message.js';
import { DnsName } from './name.js';
import type { ResourceRecord } from './record.js';
import { Rcode, RrType, rrTypeName } from './rrtype.js';
import { createSharedWork } from './shared.js';
import { createExchange, type Exchange } from './transport/exchange.js';
import { parseServer, type ServerAddress } from './transport/server.js';

/** What a lookup found and how far it can be trusted. */
export interface Lookup {
  readonly name: DnsName;
  readonly type: number;
  readonly status: SecurityStatus;
  /** The response code, as far as it was proven: a proven NODATA under a wrong NXDOMAIN is NOERROR. */
  readonly rcode: number;
  /** Aliases in order, then the records of the type; no RRSIGs. Empty when the answer is bogus. */
  readonly answers: readonly ResourceRecord[];
  /** The Extended DNS Error code (RFC 8914), where there is something to say. */
  readonly ede?: number;
  /** Why the status is what it is, in one sentence. */
  readonly why: string;
  /** The zones walked, from the trust anchor downwards. */
  readonly chain: readonly ChainLink[];
  /** Seconds for which the outcome may be relied on; 0 when it must not be kept. */
  readonly ttl: number;
}

export interface ResolveOptions {
  readonly signal?: AbortSignal;
  /** Goes past every cache of this resolver. Default false. */
  readonly fresh?: boolean;
}

/** Looks names up and validates what comes back. */
export interface Resolver {
  /**
   * @param name presentation form, with or without the final dot
   * @throws DnsError `ERR_DNS_TIMEOUT`, `ERR_DNS_UNREACHABLE`, `ERR_DNS_MALFORMED` when no server gave a usable
   *   answer; `ERR_DNS_NAME_INVALID`; `ERR_DNS_TYPE` for a type that cannot be validated
   */
  resolve(name: DnsName | string, type: number, options?: ResolveOptions): Promise<Lookup>;
}

export interface ResolverOptions {
  /** Recursive or authoritative servers, tried in turn. Default: the system's. */
  readonly servers?: readonly ServerAddress[];
  /** How queries are exchanged. Default: UDP with TCP fallback to `servers`. */
  readonly exchange?: Exchange;
  /** Where trust begins; a function is asked at every lookup. Default: the built-in anchors of the root. */
  readonly anchors?: readonly TrustAnchor[] | (() => readonly TrustAnchor[]);
  /** Names at and below which nothing is validated: all is insecure there (RFC 7646). Default none. */
  readonly negativeAnchors?: readonly (DnsName | string)[];
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly clock?: Clock;
  /** Default: `crypto.randomBytes`. */
  readonly random?: RandomBytes;
  /** Milliseconds for one lookup, the chain of trust included. Default 10000. */
  readonly timeoutMs?: number;
  /** Seconds of clock skew granted to signatures. Default 0. */
  readonly skewSeconds?: number;
  /** Accept RSA/SHA-1 signatures (algorithms 5 and 7). Default false: such zones count as insecure. */
  readonly acceptSha1?: boolean;
  readonly limits?: Partial<DnssecLimits>;
  /** Zone cuts whose keys are remembered until they run out. Default 2000. */
  readonly maxCachedZones?: number;
  /** Bytes of memory for kept outcomes; 0 keeps none. Default 32 MiB. */
  readonly maxCacheBytes?: number;
  /** The longest that an outcome is kept, in seconds. Default 86400. */
  readonly maxTtlSeconds?: number;
  /** How long a bogus outcome is kept, in seconds, so that a broken zone is not asked for all the time. Default 5. */
  readonly bogusTtlSeconds?: number;
}

const unsuitedTypes: ReadonlySet<number> = new Set([RrType.ANY, RrType.RRSIG, RrType.OPT]);
const firstQueryType = 128;

/** The servers that the operating system is configured with. */
export function systemServers(): readonly ServerAddress[] {
  return getServers().map(parseServer);
}

function checkType(type: number): void {
  const isMeta = type >= firstQueryType && type <= RrType.ANY;
  if (!unsuitedTypes.has(type) && !isMeta && Number.isInteger(type) && type > 0 && type < 0x10000) return;
  throw new DnsError(
    'ERR_DNS_TYPE',
    `${rrTypeName(type)} cannot be looked up: it stands for no RRset that could be validated. Ask for one type.`,
  );
}

// The weakest link of an alias chain is what the whole is worth.
const weakness: Readonly<Record<SecurityStatus, number>> = {
  secure: 0,
  insecure: 1,
  indeterminate: 2,
  bogus: 3,
};

function weakest(findings: readonly Finding[]): Finding | undefined {
  return findings.reduce<Finding | undefined>(
    (worst, finding) =>
      worst === undefined || weakness[finding.status] >= weakness[worst.status] ? finding : worst,
    undefined,
  );
}

function joinChains(findings: readonly Finding[]): readonly ChainLink[] {
  const [only, second] = findings;
  if (only !== undefined && second === undefined) return only.links;
  const links = new Map<string, ChainLink>();
  for (const finding of findings) for (const link of finding.links) links.set(link.zone, link);
  return [...links.values()];
}

// A record holds no longer than its signature and its chain do (RFC 4035 section 5.3.3).
function limitTtls({ records, finding: { ttl } }: AnswerStep): readonly ResourceRecord[] {
  return records.map((record) => (record.ttl > ttl ? { ...record, ttl } : record));
}

function toLookup(name: DnsName, type: number, steps: readonly AnswerStep[], problem?: Finding): Lookup {
  const findings = steps.map(({ finding }) => finding);
  if (problem !== undefined) findings.push(problem);
  const worst = weakest(findings);
  if (worst === undefined) throw new DnsError('ERR_DNS_MALFORMED', `Nothing was found out about ${name}.`);
  const { status, ede, why } = worst;
  return {
    name,
    type,
    status,
    rcode: steps.at(-1)?.rcode ?? Rcode.SERVFAIL,
    answers: status === 'bogus' ? [] : steps.flatMap(limitTtls),
    ...(ede === undefined ? {} : { ede }),
    why,
    chain: joinChains(findings),
    ttl: status === 'bogus' ? 0 : Math.min(...findings.map(({ ttl }) => ttl)),
  };
}

/**
 * Makes a validating resolver.
 *
 * @throws DnsError `ERR_DNS_CONFIG` when there is neither an exchange nor a server
 */
export function createResolver(options: ResolverOptions = {}): Resolver {
  const clock = options.clock ?? Date.now;
  const timeoutMs = options.timeoutMs ?? 10_000;
  const anchors = options.anchors ?? rootAnchors;
  const negativeAnchors = (options.negativeAnchors ?? []).map(toName);
  const limits = { ...defaultLimits, ...options.limits };
  const maxCachedZones = options.maxCachedZones ?? 2000;
  const maxTtlSeconds = options.maxTtlSeconds ?? 86_400;
  const bogusTtlSeconds = options.bogusTtlSeconds ?? 5;
  const keptZones = createChainCache(maxCachedZones);
  const kept = createLookupCache(options.maxCacheBytes ?? 32 * 1024 * 1024);
  const work = createSharedWork<Lookup>();
  const exchange =
    options.exchange ??
    createExchange({
      servers: options.servers ?? systemServers(),
      ...(options.random === undefined ? {} : { random: options.random }),
    });
  const nowSeconds = (): number => Math.floor(clock() / 1000);

  async function follow(name: DnsName, type: number, chainCache: ChainCache, signal: AbortSignal) {
    const context = createLookupContext({
      exchange,
      anchors: typeof anchors === 'function' ? anchors() : anchors,
      negativeAnchors,
      limits,
      now: nowSeconds(),
      skew: options.skewSeconds ?? 0,
      acceptSha1: options.acceptSha1 ?? false,
      chainCache,
      signal,
    });
    const steps: AnswerStep[] = [];
    const giveUp = (ede: number, why: string): Lookup =>
      toLookup(name, type, steps, { status: 'bogus', ede, why, links: [], ttl: 0 });
    let current = name;
    let reply: Message | undefined;
    try {
      while (steps.length <= limits.maxAliases) {
        reply = reply !== undefined && speaksOf(reply, current) ? reply : await context.query(current, type);
        const step = await assessAnswer(context, current, type, reply);
        steps.push(step);
        if (step.next === undefined || step.finding.status === 'bogus') return toLookup(name, type, steps);
        current = step.next;
      }
    } catch (error) {
      if (!(error instanceof DnsError) || error.code !== 'ERR_DNSSEC_LIMIT') throw error;
      return giveUp(Ede.bogus, error.message);
    }
    return giveUp(Ede.other, `${name} is an alias of an alias, more than ${limits.maxAliases} times`);
  }

  async function lookUp(
    name: DnsName,
    type: number,
    zones: ChainCache,
    signal: AbortSignal,
  ): Promise<Lookup> {
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const lookup = await follow(name, type, zones, AbortSignal.any([signal, deadline]));
      const seconds = lookup.status === 'bogus' ? bogusTtlSeconds : Math.min(lookup.ttl, maxTtlSeconds);
      kept.set(lookup, lookup.status === 'indeterminate' ? 0 : seconds, nowSeconds());
      return lookup;
    } catch (error) {
      if (signal.aborted || !deadline.aborted) throw error;
      throw new DnsError(
        'ERR_DNS_TIMEOUT',
        `${name} ${rrTypeName(type)} was not settled within ${timeoutMs} ms. Check that the DNS servers answer.`,
        { cause: error },
      );
    }
  }

  return {
    async resolve(asked, type, { signal, fresh = false } = {}) {
      checkType(type);
      const name = toName(asked);
      signal?.throwIfAborted();
      const known = fresh ? undefined : kept.get(name, type, nowSeconds());
      if (known !== undefined) return known;
      const zones = fresh ? createChainCache(maxCachedZones) : keptZones;
      return work.run(`${fresh} ${type} ${name.key}`, signal, (ended) => lookUp(name, type, zones, ended));
    },
  };
}

const toName = (name: DnsName | string): DnsName => (typeof name === 'string' ? DnsName.parse(name) : name);
