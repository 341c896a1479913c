// A set of records that share owner and type, and its signature: the canonical form of RFC 4034 section 6
// and the RRSIG of section 3.1.8.1.

import { canonicalRdata, DnsName, encodeRrsig, RrClass } from '@countersign/dns';
import type { ZoneKey } from './zone-key.js';

/** Records of one owner and type. */
export interface Rrset {
  readonly name: DnsName;
  readonly type: number;
  /** Seconds. */
  readonly ttl: number;
  /** RDATA octets, one entry a record. */
  readonly rdata: readonly Uint8Array[];
}

/** A set of records with the RDATA of the RRSIGs over it; no signatures where a zone must not sign. */
export interface SignedRrset extends Rrset {
  readonly signatures: readonly Uint8Array[];
}

/** When a signature holds, seconds since the epoch. */
export interface Validity {
  readonly inception: number;
  readonly expiration: number;
}

/** Signs a set of records and returns the RDATA of the RRSIG. */
export function signRrset(rrset: Rrset, signer: DnsName, key: ZoneKey, validity: Validity): Uint8Array {
  const fields = {
    typeCovered: rrset.type,
    algorithm: key.algorithm,
    // The asterisk is not counted: by this a validator sees that an answer was expanded (RFC 4034 section 3.1.3).
    labels: rrset.name.labelCount - (rrset.name.isWildcard ? 1 : 0),
    originalTtl: rrset.ttl,
    expiration: validity.expiration,
    inception: validity.inception,
    keyTag: key.tag,
    signer: DnsName.fromWire(signer.canonicalWire()),
  };
  const prefix = encodeRrsig({ ...fields, signature: new Uint8Array(0) });
  const signature = key.sign(Buffer.concat([prefix, canonicalRecords(rrset)]));
  return encodeRrsig({ ...fields, signature });
}

/** The records as they are signed: canonical, in canonical order, each once (RFC 4034 section 6.3). */
function canonicalRecords(rrset: Rrset): Buffer {
  const owner = rrset.name.canonicalWire();
  const rdata = rrset.rdata
    .map((octets) => Buffer.from(canonicalRdata(rrset.type, octets)))
    .sort(Buffer.compare)
    .filter((octets, index, all) => all[index - 1]?.equals(octets) !== true);
  return Buffer.concat(
    rdata.map((octets) => {
      const header = Buffer.alloc(10);
      header.writeUInt16BE(rrset.type, 0);
      header.writeUInt16BE(RrClass.IN, 2);
      header.writeUInt32BE(rrset.ttl, 4);
      header.writeUInt16BE(octets.length, 8);
      return Buffer.concat([owner, header, octets]);
    }),
  );
}
