// From a zone's records to what it serves: proofs of absence added, and everything that the zone itself
// speaks for signed (RFC 4035 section 2).

import { type DnsName, RrType } from '@countersign/dns';
import { nsecChain } from './nsec-chain.js';
import { type Rrset, signRrset, type Validity } from './rrset.js';
import type { ZoneKey } from './zone-key.js';
import { ZoneVersion } from './zone-version.js';

/** The keys of a zone: `ksk` signs the DNSKEY set, `zsk` the rest. */
export interface ZoneKeys {
  readonly ksk: ZoneKey;
  readonly zsk: ZoneKey;
}

/** A name and its records, before signing. */
export interface ZoneContent {
  readonly name: DnsName;
  readonly rrsets: readonly Rrset[];
}

/** The zone as a server without keys serves it. */
export function unsignedVersion(origin: DnsName, contents: readonly ZoneContent[]): ZoneVersion {
  const nodes = contents.map(({ name, rrsets }) => ({
    name,
    rrsets: new Map(rrsets.map((rrset) => [rrset.type, { ...rrset, signatures: [] }])),
  }));
  return new ZoneVersion(origin, nodes);
}

/**
 * The zone with its NSEC chain and signatures.
 *
 * @param negativeTtl TTL of the NSEC records, seconds: the SOA's minimum (RFC 9077)
 */
export function signedVersion(
  origin: DnsName,
  contents: readonly ZoneContent[],
  keys: ZoneKeys,
  validity: Validity,
  negativeTtl: number,
): ZoneVersion {
  const plain = unsignedVersion(origin, contents);
  // Names below a delegation are glue: the child's, so neither signed nor in the chain (RFC 4035 section 2.2).
  const owned = contents.filter(({ name }) => plain.delegation(name)?.name.equals(name) ?? true);
  const chain = nsecChain(
    origin,
    owned.map(({ name, rrsets }) => ({ name, types: rrsets.map(({ type }) => type) })),
  );
  const proofs = new Map(
    chain.map(({ name, rdata }): [string, Rrset] => [
      name.key,
      { name, type: RrType.NSEC, ttl: negativeTtl, rdata: [rdata] },
    ]),
  );
  const signatures = (rrset: Rrset): Uint8Array[] => {
    if (plain.delegation(rrset.name) !== undefined && !isSpokenByParent(rrset.type)) return [];
    const key = rrset.type === RrType.DNSKEY ? keys.ksk : keys.zsk;
    return [signRrset(rrset, origin, key, validity)];
  };
  const nodes = contents.map(({ name, rrsets }) => {
    const proof = proofs.get(name.key);
    const all = proof === undefined ? rrsets : [...rrsets, proof];
    return {
      name,
      rrsets: new Map(all.map((rrset) => [rrset.type, { ...rrset, signatures: signatures(rrset) }])),
    };
  });
  return new ZoneVersion(origin, nodes);
}

/** At a delegation the parent signs these two; NS and glue are the child's to sign. */
function isSpokenByParent(type: number): boolean {
  return type === RrType.DS || type === RrType.NSEC;
}
