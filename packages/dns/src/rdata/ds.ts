// DS: the parent's digest of a child's key (RFC 4034 section 5), and CDS, its form in the child (RFC 7344).

import { WireReader, WireWriter } from '../wire.js';
import { type FieldReader, hexField } from './fields.js';

/** The RDATA of DS. */
export interface Ds {
  readonly keyTag: number;
  readonly algorithm: number;
  readonly digestType: number;
  readonly digest: Uint8Array;
}

/** @throws DnsError `ERR_DNS_MALFORMED` */
export function parseDs(rdata: Uint8Array): Ds {
  const reader = new WireReader(rdata);
  return {
    keyTag: reader.u16(),
    algorithm: reader.u8(),
    digestType: reader.u8(),
    digest: reader.rest(),
  };
}

export function encodeDs(ds: Ds): Uint8Array {
  const writer = new WireWriter(64);
  writer.u16(ds.keyTag);
  writer.u8(ds.algorithm);
  writer.u8(ds.digestType);
  writer.bytes(ds.digest);
  return writer.finish();
}

/** Reads the presentation form. */
export function readDsText(fields: FieldReader): Uint8Array {
  return encodeDs({
    keyTag: fields.integer('key tag', 16),
    algorithm: fields.integer('algorithm', 8),
    digestType: fields.integer('digest type', 8),
    digest: fields.hex('digest'),
  });
}

/** Writes the presentation form. */
export function formatDs(rdata: Uint8Array): string {
  const ds = parseDs(rdata);
  return `${ds.keyTag} ${ds.algorithm} ${ds.digestType} ${hexField(ds.digest)}`;
}
