// What the walk down the chain of trust finds at each label, and the memory of it that lookups share.

import type { DnsName } from '../name.js';
import type { ZoneKey } from './signature.js';

/** The outcome of validation (RFC 4035 section 4.3). */
export type SecurityStatus = 'secure' | 'insecure' | 'bogus' | 'indeterminate';

/** One zone of the chain walked, from the anchor downwards. */
export interface ChainLink {
  readonly zone: string;
  readonly status: SecurityStatus;
  /** True where the chain begins at a trust anchor. */
  readonly anchor: boolean;
  /** The tags of the keys that the anchor or the parent's DS vouches for. */
  readonly keyTags: readonly number[];
  /** The algorithms of those keys. */
  readonly algorithms: readonly string[];
  /** What was seen, in one sentence. */
  readonly why: string;
}

export interface SecureZone {
  readonly status: 'secure';
  readonly zone: DnsName;
  readonly keys: readonly ZoneKey[];
  /** What is said of an answer that they sign. */
  readonly why: string;
  readonly links: readonly ChainLink[];
  /** Seconds since the epoch until which this may be relied on. */
  readonly expires: number;
}

/** The chain ended without keys: at an unsigned delegation, a broken zone, or for want of an anchor or answer. */
export interface UntrustedZone {
  readonly status: Exclude<SecurityStatus, 'secure'>;
  readonly ede: number | undefined;
  readonly why: string;
  readonly links: readonly ChainLink[];
  readonly expires: number;
}

export type ZoneTrust = SecureZone | UntrustedZone;

/** What stands at one label below a secure zone. */
export type Step =
  | { readonly kind: 'zone'; readonly trust: ZoneTrust }
  /** The name is inside the same zone. */
  | { readonly kind: 'same'; readonly expires: number }
  /** Nothing exists below this name, so the zone reaches no further down. */
  | { readonly kind: 'end'; readonly expires: number };

/** Steps that were proven before, shared by the lookups of one resolver. Times are seconds since the epoch. */
export interface ChainCache {
  get(key: string, now: number): Step | undefined;
  set(key: string, step: Step, now: number, expires: number): void;
}

interface Entry {
  readonly step: Step;
  readonly since: number;
  readonly expires: number;
  /** Served since the last sweep came by. */
  used: boolean;
}

/** Keeps at most `capacity` steps until their signatures and TTLs run out; those not used lately go first. */
export function createChainCache(capacity: number): ChainCache {
  const steps = new Map<string, Entry>();
  return {
    get(key, now) {
      const entry = steps.get(key);
      if (entry === undefined) return undefined;
      // One from the future is of a clock that was wrong; a lookup that began earlier is not that far behind.
      if (entry.expires <= now || entry.since > now + 60) {
        steps.delete(key);
        return undefined;
      }
      entry.used = true;
      return entry.step;
    },
    set(key, step, now, expires) {
      steps.delete(key);
      steps.set(key, { step, since: now, expires, used: false });
      for (const [oldest, entry] of steps) {
        if (steps.size <= capacity) break;
        steps.delete(oldest);
        // A second chance for what was served, instead of a new place in the order for each time that it was.
        if (entry.used) steps.set(oldest, { ...entry, used: false });
      }
    },
  };
}
