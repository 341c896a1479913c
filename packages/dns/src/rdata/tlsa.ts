// TLSA: what a TLS server's certificate must match (RFC 6698 section 2), and SMIMEA, the same for mail (RFC 8162).

import { WireReader, WireWriter } from '../wire.js';
import { type FieldReader, hexField } from './fields.js';

/** The RDATA of TLSA; its numbers are in RFC 7218. Any number is read here: what is usable is decided later. */
export interface Tlsa {
  readonly usage: number;
  readonly selector: number;
  readonly matchingType: number;
  /** The certificate association data. */
  readonly data: Uint8Array;
}

/** @throws DnsError `ERR_DNS_MALFORMED` */
export function parseTlsa(rdata: Uint8Array): Tlsa {
  const reader = new WireReader(rdata);
  return { usage: reader.u8(), selector: reader.u8(), matchingType: reader.u8(), data: reader.rest() };
}

export function encodeTlsa(tlsa: Tlsa): Uint8Array {
  const writer = new WireWriter(64);
  writer.u8(tlsa.usage);
  writer.u8(tlsa.selector);
  writer.u8(tlsa.matchingType);
  writer.bytes(tlsa.data);
  return writer.finish();
}

/** Reads the presentation form. */
export function readTlsaText(fields: FieldReader): Uint8Array {
  return encodeTlsa({
    usage: fields.integer('usage', 8),
    selector: fields.integer('selector', 8),
    matchingType: fields.integer('matching type', 8),
    data: fields.hex('association data'),
  });
}

/** Writes the presentation form. */
export function formatTlsa(rdata: Uint8Array): string {
  const tlsa = parseTlsa(rdata);
  return `${tlsa.usage} ${tlsa.selector} ${tlsa.matchingType} ${hexField(tlsa.data)}`;
}
