// A zone's signing key: ECDSA P-256 with SHA-256 (algorithm 13, RFC 6605), its DNSKEY record and the
// DS record by which the parent vouches for it (RFC 4034 section 5).

import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { type DnsName, encodeDnskey, encodeDs, keyTag } from '@countersign/dns';

const algorithm = 13;
const dnskeyProtocol = 3;
const zoneKeyFlag = 0x0100;
const secureEntryPointFlag = 0x0001;
const sha256DigestType = 2;
// The head of a P-256 SubjectPublicKeyInfo up to and with the octet that says "uncompressed point": the 64
// octets after it are what DNSKEY carries (RFC 6605 section 4).
const spkiHeadLength = 27;

/** One key of a zone. */
export interface ZoneKey {
  readonly algorithm: number;
  /** RDATA of the DNSKEY record. */
  readonly dnskey: Uint8Array;
  readonly tag: number;
  /** Signs octets as RRSIG wants it: r and s, 32 octets each. */
  sign(octets: Uint8Array): Uint8Array;
}

/** Makes a key: `ksk` carries the secure entry point flag and signs the DNSKEY set, `zsk` signs the rest. */
export function createZoneKey(role: 'ksk' | 'zsk'): ZoneKey {
  const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
  const dnskey = encodeDnskey({
    flags: role === 'ksk' ? zoneKeyFlag | secureEntryPointFlag : zoneKeyFlag,
    protocol: dnskeyProtocol,
    algorithm,
    publicKey: Uint8Array.from(spki.subarray(spkiHeadLength)),
  });
  return {
    algorithm,
    dnskey,
    tag: keyTag(dnskey),
    sign: (octets) => sign('sha256', octets, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' }),
  };
}

/** RDATA of the DS record for a key, with a SHA-256 digest. */
export function dsOf(owner: DnsName, key: ZoneKey): Uint8Array {
  return encodeDs({
    keyTag: key.tag,
    algorithm: key.algorithm,
    digestType: sha256DigestType,
    digest: createHash('sha256').update(owner.canonicalWire()).update(key.dnskey).digest(),
  });
}
