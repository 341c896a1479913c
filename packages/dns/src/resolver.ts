// The validating stub resolver: asks the configured servers, believes none of them, and says of each answer
// whether it is secure, insecure, bogus or indeterminate (RFC 4035 section 4.3), with the chain that was walked.

import { getServers } from 'node:dns';
import type { Clock, RandomBytes } from '@countersign/core';
import { createLookupCache, type LookupCache } from './cache.js';
import { areSameAnchors, rootAnchors, type TrustAnchor } from './dnssec/anchors.js';
import { type AnswerStep, assessAnswer, speaksOf } from './dnssec/answer.js';
import { askChainAhead } from './dnssec/chain.js';
import { type ChainCache, createChainCache } from './dnssec/chain-cache.js';
import { createLookupContext } from './dnssec/context.js';
import { Ede } from './dnssec/ede.js';
import { type DnssecLimits, defaultLimits } from './dnssec/limits.js';
import { DnsError } from './error.js';
import { type Lookup, toLookup } from './lookup.js';
import type { Message } from './message.js';
import { DnsName } from './name.js';
import { RrClass, RrType, rrTypeName } from './rrtype.js';
import { createSharedWork, type SharedWork } from './shared.js';
import { createExchange, type Exchange } from './transport/exchange.js';
import { type DnsServer, formatServer, isProtectedServer, parseServer } from './transport/server.js';
import { readTrustedReply } from './trusted-reply.js';

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

/** A resolver with connections of its own. */
export interface ClosableResolver extends Resolver {
  /** Closes its connections; lookups under way and later ones fail. A process ends without it as well. */
  close(): void;
}

export interface ResolverOptions {
  /** Recursive or authoritative servers, tried in turn. Default: the system's. */
  readonly servers?: readonly DnsServer[];
  /** How queries are exchanged. Default: with `servers`. */
  readonly exchange?: Exchange;
  /**
   * `validate` believes no server. `ad` believes the AD flag of the servers instead, which is accepted only over
   * loopback, TLS or HTTPS, where nobody can set it on the way. Default `validate`.
   */
  readonly trust?: 'validate' | 'ad';
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
export function systemServers(): readonly DnsServer[] {
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

/** What lookups share while the trust anchors stay the same. */
interface Basis {
  readonly anchors: readonly TrustAnchor[];
  readonly zones: ChainCache;
  readonly kept: LookupCache;
  readonly work: SharedWork<Lookup>;
}

function unsettled(name: DnsName, type: number, timeoutMs: number): DnsError {
  return new DnsError(
    'ERR_DNS_TIMEOUT',
    `${name} ${rrTypeName(type)} was not settled within ${timeoutMs} ms. Check that the DNS servers answer.`,
  );
}

// A server that validates holds back what is bogus only when it is not told that checking is disabled.
function openExchange(options: ResolverOptions, trust: 'validate' | 'ad'): Exchange {
  if (trust === 'validate' && options.exchange !== undefined) return options.exchange;
  const servers = options.servers ?? systemServers();
  if (trust === 'ad') {
    const open = servers.find((server) => !isProtectedServer(server));
    if (open !== undefined || options.exchange !== undefined) {
      const what = open === undefined ? 'a given exchange' : formatServer(open);
      throw new DnsError(
        'ERR_DNS_CONFIG',
        `The AD flag of ${what} cannot be believed: anybody on the way could set it. ` +
          'Name servers on loopback, over tls:// or https://, or let the resolver validate.',
      );
    }
  }
  return createExchange({
    servers,
    checkingDisabled: trust === 'validate',
    ...(options.random === undefined ? {} : { random: options.random }),
  });
}

/**
 * Makes a validating resolver.
 *
 * @throws DnsError `ERR_DNS_CONFIG` when there is no server to ask, or none whose AD flag could be believed
 */
export function createResolver(options: ResolverOptions = {}): ClosableResolver {
  const clock = options.clock ?? Date.now;
  const timeoutMs = options.timeoutMs ?? 10_000;
  const anchors = options.anchors ?? rootAnchors;
  const negativeAnchors = (options.negativeAnchors ?? []).map(toName);
  const limits = { ...defaultLimits, ...options.limits };
  const maxCachedZones = options.maxCachedZones ?? 2000;
  const maxTtlSeconds = options.maxTtlSeconds ?? 86_400;
  const bogusTtlSeconds = options.bogusTtlSeconds ?? 5;
  const trust = options.trust ?? 'validate';
  const exchange = openExchange(options, trust);
  const nowSeconds = (): number => Math.floor(clock() / 1000);

  const anchorsNow = () => (typeof anchors === 'function' ? anchors() : anchors);
  const basisOn = (given: readonly TrustAnchor[]): Basis => ({
    anchors: given,
    zones: createChainCache(maxCachedZones),
    kept: createLookupCache(options.maxCacheBytes ?? 32 * 1024 * 1024),
    work: createSharedWork<Lookup>(),
  });
  let basis = basisOn(anchorsNow());
  // What rests on other anchors counts no longer: a key may have been revoked (RFC 5011 section 2.1).
  const currentBasis = (): Basis => {
    const given = anchorsNow();
    if (!areSameAnchors(given, basis.anchors)) basis = basisOn(given);
    return basis;
  };

  async function follow(
    name: DnsName,
    type: number,
    { anchors: given, zones }: Basis,
    controller: AbortController,
  ): Promise<Lookup> {
    const context = createLookupContext({
      exchange,
      anchors: given,
      negativeAnchors,
      limits,
      now: nowSeconds(),
      skew: options.skewSeconds ?? 0,
      acceptSha1: options.acceptSha1 ?? false,
      chainCache: zones,
      controller,
    });
    const steps: AnswerStep[] = [];
    const giveUp = (ede: number, why: string): Lookup =>
      toLookup(name, type, steps, { status: 'bogus', ede, why, links: [], ttl: 0 });
    let current = name;
    let reply: Message | undefined;
    try {
      while (steps.length <= limits.maxAliases) {
        if (reply === undefined || !speaksOf(reply, current)) {
          const asking = context.query(current, type);
          if (reply === undefined) askChainAhead(context, name);
          reply = await asking;
        }
        const step = await assessAnswer(context, current, type, reply);
        steps.push(step);
        if (step.next === undefined || step.finding.status === 'bogus') return toLookup(name, type, steps);
        current = step.next;
      }
    } catch (error) {
      if (!(error instanceof DnsError) || error.code !== 'ERR_DNSSEC_LIMIT') throw error;
      return giveUp(Ede.bogus, error.message);
    } finally {
      // Nobody will look at the answers to what was guessed wrongly.
      if (context.isAskingAhead) controller.abort();
    }
    return giveUp(Ede.other, `${name} is an alias of an alias, more than ${limits.maxAliases} times`);
  }

  async function believe(name: DnsName, type: number, signal: AbortSignal): Promise<Lookup> {
    const reply = await exchange({ name, type, class: RrClass.IN }, { signal });
    return readTrustedReply(reply, name, type, limits.maxAliases);
  }

  async function lookUp(
    name: DnsName,
    type: number,
    on: Basis,
    controller: AbortController,
  ): Promise<Lookup> {
    let timer: NodeJS.Timeout | undefined;
    // A timer that is cleared costs a microsecond, AbortSignal.timeout with AbortSignal.any fifty. It settles the
    // lookup by itself: a given exchange may not heed its signal.
    const settled = new Promise<Lookup>((resolve, reject) => {
      timer = setTimeout(() => {
        reject(unsettled(name, type, timeoutMs));
        controller.abort();
      }, timeoutMs);
      const work =
        trust === 'ad' ? believe(name, type, controller.signal) : follow(name, type, on, controller);
      work.then(resolve, reject);
    });
    try {
      const lookup = await settled;
      const seconds = lookup.status === 'bogus' ? bogusTtlSeconds : Math.min(lookup.ttl, maxTtlSeconds);
      on.kept.set(lookup, lookup.status === 'indeterminate' ? 0 : seconds, nowSeconds());
      return lookup;
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    close: () => exchange.close?.(),
    async resolve(asked, type, { signal, fresh = false } = {}) {
      checkType(type);
      const name = toName(asked);
      signal?.throwIfAborted();
      const shared = currentBasis();
      const known = fresh ? undefined : shared.kept.get(name, type, nowSeconds());
      if (known !== undefined) return known;
      const on = fresh ? { ...shared, zones: createChainCache(maxCachedZones) } : shared;
      return shared.work.run(`${fresh} ${type} ${name.key}`, signal, (controller) =>
        lookUp(name, type, on, controller),
      );
    },
  };
}

const toName = (name: DnsName | string): DnsName => (typeof name === 'string' ? DnsName.parse(name) : name);
