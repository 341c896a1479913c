// How much a caller asks of DNSSEC, DANE and freshness, and the three profiles of it.

import type { DaneMode } from '@countersign/tls';
import { AgentError } from './error.js';

/** What the gates ask for. */
export interface DiscoveryFlags {
  /** Check a TLSA record where one stands, let WebPKI decide where none does. */
  readonly preferDane: boolean;
  /** Refuse a peer without a usable TLSA record; implies `preferDane`. */
  readonly requireDane: boolean;
  /** Refuse records and addresses that are not DNSSEC-secure. Bogus ones are refused in any case. */
  readonly requireDnssec: boolean;
  /** Re-resolve a record older than this many seconds before it is used; 0 never does. */
  readonly verifyFreshnessSeconds: number;
}

/** The names of the profiles, from the one that asks least. */
export const profileNames = ['permissive', 'standard', 'strict'] as const;

export type ProfileName = (typeof profileNames)[number];

/** `permissive` fits any zone of today's internet, `strict` only those that publish everything. */
export const profiles: Readonly<Record<ProfileName, DiscoveryFlags>> = {
  permissive: { preferDane: false, requireDane: false, requireDnssec: false, verifyFreshnessSeconds: 0 },
  standard: { preferDane: true, requireDane: false, requireDnssec: false, verifyFreshnessSeconds: 300 },
  strict: { preferDane: true, requireDane: true, requireDnssec: true, verifyFreshnessSeconds: 60 },
};

/**
 * The flags with their defaults, those of the `permissive` profile, filled in.
 *
 * @throws AgentError ERR_OPTIONS when `verifyFreshnessSeconds` is not zero or more
 */
export function resolveFlags(flags: Partial<DiscoveryFlags>): DiscoveryFlags {
  const base = profiles.permissive;
  const requireDane = flags.requireDane ?? base.requireDane;
  const verifyFreshnessSeconds = flags.verifyFreshnessSeconds ?? base.verifyFreshnessSeconds;
  if (!Number.isFinite(verifyFreshnessSeconds) || verifyFreshnessSeconds < 0) {
    throw new AgentError(
      'ERR_OPTIONS',
      `verifyFreshnessSeconds is ${verifyFreshnessSeconds}, wanted zero or more`,
    );
  }
  return {
    preferDane: requireDane || (flags.preferDane ?? base.preferDane),
    requireDane,
    requireDnssec: flags.requireDnssec ?? base.requireDnssec,
    verifyFreshnessSeconds,
  };
}

/** The mode in which the connection checks DANE: require before prefer before off. */
export function daneMode(flags: DiscoveryFlags): DaneMode {
  if (flags.requireDane) return 'require';
  return flags.preferDane ? 'prefer' : 'off';
}
