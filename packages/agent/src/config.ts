// The `discovery:` section of countersign.yaml, and the environment variables that stand for its keys.

import { z } from 'zod';
import { type DiscoveryFlags, type ProfileName, profileNames, profiles, resolveFlags } from './flags.js';

export { type ProfileName, profileNames };

const cidr = z.union([z.cidrv4(), z.cidrv6()]);

/** `discovery:` — what is asked of a record and of a peer. A single key overrides what its profile says. */
export const discoverySchema = z
  .strictObject({
    profile: z
      .enum(profileNames)
      .default('permissive')
      .describe('Where the flags that are not set come from.'),
    prefer_dane: z
      .boolean()
      .optional()
      .describe('Check a TLSA record where one stands; WebPKI decides where none does.'),
    require_dane: z
      .boolean()
      .optional()
      .describe('Refuse a peer without a usable TLSA record; implies prefer_dane.'),
    require_dnssec: z
      .boolean()
      .optional()
      .describe('Refuse records and addresses that are not DNSSEC-secure. Bogus ones are always refused.'),
    verify_freshness_seconds: z
      .number()
      .min(0)
      .max(31_536_000)
      .optional()
      .describe('Re-resolve a record older than this many seconds before it is used; 0 never does.'),
    allow_addresses: z
      .array(cidr)
      .default([])
      .describe('CIDRs that may be dialled although they are not global unicast.'),
    ca: z
      .array(z.string().min(1))
      .default([])
      .describe('Files of PEM certificates that are trusted beside the bundled ones.'),
    timeout_ms: z
      .int()
      .min(1)
      .max(3_600_000)
      .default(30_000)
      .describe('Milliseconds for one call, all gates included.'),
  })
  .describe('What is asked of a record and of a peer')
  .refine((section) => section.prefer_dane !== false || !requiresDane(section), {
    path: ['prefer_dane'],
    message:
      'require_dane (set, or by the profile) implies prefer_dane; remove prefer_dane: false or set require_dane: false',
  });

export type DiscoveryConfig = z.infer<typeof discoverySchema>;

/** Environment variables of this section, by the key that each sets; named as the reference implementation names them. */
export const discoveryEnvironment: Readonly<Record<string, string>> = {
  DNS_AID_PREFER_DANE: 'discovery.prefer_dane',
  DNS_AID_REQUIRE_DANE: 'discovery.require_dane',
  DNS_AID_REQUIRE_DNSSEC: 'discovery.require_dnssec',
  DNS_AID_VERIFY_FRESHNESS_SECONDS: 'discovery.verify_freshness_seconds',
};

/** The flags of a section: its profile's, overridden by the keys that are set. */
export function discoveryFlags(section: DiscoveryConfig): DiscoveryFlags {
  const base = profiles[section.profile];
  return resolveFlags({
    preferDane: section.prefer_dane ?? base.preferDane,
    requireDane: requiresDane(section),
    requireDnssec: section.require_dnssec ?? base.requireDnssec,
    verifyFreshnessSeconds: section.verify_freshness_seconds ?? base.verifyFreshnessSeconds,
  });
}

function requiresDane(section: { profile: ProfileName; require_dane?: boolean | undefined }): boolean {
  return section.require_dane ?? profiles[section.profile].requireDane;
}
