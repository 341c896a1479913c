// Trust anchors that follow a zone's key rollovers by themselves (RFC 5011), their state kept in a file. Nothing
// is asked for and nothing written until `refresh` or `start` is called.

import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Clock } from '@countersign/core';
import { dsOfKey, rootAnchors, type TrustAnchor } from './dnssec/anchors.js';
import { isVouchedFor } from './dnssec/chain.js';
import {
  advanceKeys,
  isKeyState,
  isTrusted,
  type ManagedKey,
  refreshSeconds,
  type SeenKey,
} from './dnssec/key-states.js';
import { createBudget, defaultLimits } from './dnssec/limits.js';
import { findRrset, groupRrsets, type Rrset } from './dnssec/rrset.js';
import {
  isRevoked,
  type SignatureContext,
  toZoneKey,
  verifyRrset,
  type ZoneKey,
} from './dnssec/signature.js';
import { DnsError } from './error.js';
import { fromBase64, toBase64 } from './rdata/encoding.js';
import { Rcode, RrClass, RrType } from './rrtype.js';
import type { Exchange } from './transport/exchange.js';

const secureEntryPointFlag = 0x0001;
const revokeBit = 0x80;
const maxStateOctets = 1_000_000;
const stateVersion = 1;

export interface ManagedAnchorsOptions {
  /** The state file. It is made by the first successful refresh, and replaced atomically by each. */
  readonly file: string;
  /** How the zone's keys are asked for. */
  readonly exchange: Exchange;
  /** What is trusted before there is a state file. Default: the built-in anchor of the root. */
  readonly initial?: TrustAnchor;
  /** Default `Date.now`. */
  readonly clock?: Clock;
  /** Accept RSA/SHA-1 keys. Default false. */
  readonly acceptSha1?: boolean;
  /** Hears of a refresh of `start` that failed; the next one comes all the same. Default: nobody does. */
  readonly onError?: (error: unknown) => void;
}

/** A zone's anchors, kept up to date. */
export interface ManagedAnchors {
  /** The anchors of this moment, for `ResolverOptions.anchors`. Empty when every key was revoked. */
  anchors(): readonly TrustAnchor[];
  /** Every known key and its state. */
  keys(): readonly ManagedKey[];
  /**
   * Looks at the zone's keys once and writes the state.
   *
   * @returns seconds until the next look is due (RFC 5011 section 2.3)
   * @throws DnsError when no server answers, `ERR_DNSSEC_BOGUS` when no trusted key signs the keys that it shows
   */
  refresh(signal?: AbortSignal): Promise<number>;
  /** Refreshes now and whenever it is due. Does not keep the process alive. */
  start(): void;
  stop(): void;
}

function broken(file: string, cause?: unknown): DnsError {
  return new DnsError(
    'ERR_DNS_CONFIG',
    `${file} is no state of managed trust anchors. Restore it, or remove it to begin again with the initial anchor.`,
    { cause },
  );
}

function readKey(value: unknown): ManagedKey | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('key' in value) || !('state' in value) || !('since' in value)) return undefined;
  const { key, state, since } = value;
  if (typeof key !== 'string' || !isKeyState(state) || typeof since !== 'number') return undefined;
  return fromBase64(key) === undefined || !Number.isFinite(since) ? undefined : { key, state, since };
}

function parseState(file: string, text: string, zone: string): readonly ManagedKey[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw broken(file, cause);
  }
  if (typeof value !== 'object' || value === null) throw broken(file);
  if (!('version' in value) || !('zone' in value) || !('keys' in value)) throw broken(file);
  if (value.version !== stateVersion || value.zone !== zone || !Array.isArray(value.keys)) throw broken(file);
  return value.keys.map((entry: unknown) => {
    const key = readKey(entry);
    if (key === undefined) throw broken(file);
    return key;
  });
}

async function readState(file: string, zone: string): Promise<readonly ManagedKey[] | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw broken(file, error);
  }
  if (text.length > maxStateOctets) throw broken(file);
  return parseState(file, text, zone);
}

// RFC 5011 section 2.1: a key that is revoked has another tag, but is the same key.
function withoutRevokeBit(rdata: Uint8Array): string {
  const plain = Uint8Array.from(rdata);
  plain[1] = (plain[1] ?? 0) & ~revokeBit;
  return toBase64(plain);
}

/**
 * Opens managed anchors, with the state of the file when there is one.
 *
 * @throws DnsError `ERR_DNS_CONFIG` when the file is no such state
 */
export async function openManagedAnchors(options: ManagedAnchorsOptions): Promise<ManagedAnchors> {
  const { file, exchange, onError } = options;
  const clock = options.clock ?? Date.now;
  const initial = options.initial ?? rootAnchors[0];
  if (initial === undefined) throw new DnsError('ERR_DNS_CONFIG', 'There is no initial trust anchor.');
  const { zone } = initial;
  let known = await readState(file, `${zone}`);
  let timer: NodeJS.Timeout | undefined;
  let ending = new AbortController();

  const anchors = (): readonly TrustAnchor[] => {
    if (known === undefined) return [initial];
    const ds = known
      .filter(isTrusted)
      .flatMap(({ key }) => fromBase64(key) ?? [])
      .map((rdata) => dsOfKey(zone, rdata));
    return ds.length === 0 ? [] : [{ zone, ds }];
  };

  async function fetchKeys(signal: AbortSignal | undefined): Promise<Rrset> {
    const question = { name: zone, type: RrType.DNSKEY, class: RrClass.IN };
    const reply = await exchange(question, signal === undefined ? {} : { signal });
    const rrset = findRrset(groupRrsets(reply.answers), zone, RrType.DNSKEY);
    if (reply.rcode === Rcode.NOERROR && rrset !== undefined) return rrset;
    throw new DnsError(
      'ERR_DNSSEC_BOGUS',
      `${zone} shows no DNSKEY records. Its trust anchors stay as they are.`,
    );
  }

  async function refresh(signal?: AbortSignal): Promise<number> {
    const rrset = await fetchKeys(signal);
    const now = Math.floor(clock() / 1000);
    const zoneKeys = rrset.records.map(({ rdata }) => toZoneKey(rdata));
    const context = (keys: readonly ZoneKey[], revoked: boolean): SignatureContext => ({
      zone,
      keys,
      now,
      skew: 0,
      acceptSha1: options.acceptSha1 ?? false,
      acceptRevoked: revoked,
      budget: createBudget(defaultLimits),
    });
    const ds = anchors().flatMap((anchor) => anchor.ds);
    const ownerWire = zone.canonicalWire();
    const trusted = zoneKeys.filter((key) => ds.some((one) => isVouchedFor(key, one, ownerWire)));
    const result = verifyRrset(rrset, context(trusted, false));
    if (!result.ok) {
      throw new DnsError(
        'ERR_DNSSEC_BOGUS',
        `The keys of ${zone} are signed by no trusted key: ${result.why}. Its trust anchors stay as they are.`,
      );
    }
    const seen = zoneKeys
      .filter(({ dnskey }) => (dnskey.flags & secureEntryPointFlag) !== 0)
      .map(
        (key): SeenKey => ({
          key: withoutRevokeBit(key.rdata),
          revoked: isRevoked(key) && verifyRrset(rrset, context([key], true)).ok,
        }),
      );
    const base =
      known ??
      trusted.map((key): ManagedKey => ({ key: withoutRevokeBit(key.rdata), state: 'valid', since: now }));
    const next = advanceKeys(base, seen, now);
    const state = { version: stateVersion, zone: `${zone}`, keys: next };
    await writeFile(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600, flush: true });
    await rename(`${file}.new`, file);
    known = next;
    const life = Math.min(...rrset.signatures.map(({ expiration }) => (expiration - now) >>> 0));
    return refreshSeconds(rrset.ttl, life, false);
  }

  const arm = (seconds: number): void => {
    timer = setTimeout(run, seconds * 1000);
    timer.unref();
  };
  function run(): void {
    const { signal } = ending;
    refresh(signal).then(
      (seconds) => {
        if (!signal.aborted) arm(seconds);
      },
      (error: unknown) => {
        if (signal.aborted) return;
        onError?.(error);
        arm(refreshSeconds(0, 0, true));
      },
    );
  }
  const stop = (): void => {
    clearTimeout(timer);
    ending.abort();
  };
  return {
    anchors,
    keys: () => known ?? [],
    refresh,
    start() {
      stop();
      ending = new AbortController();
      run();
    },
    stop,
  };
}
