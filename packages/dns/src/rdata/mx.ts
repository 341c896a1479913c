// MX: mail exchange (RFC 1035 section 3.3.9).

import type { DnsName } from '../name.js';
import { WireReader, WireWriter } from '../wire.js';
import type { FieldReader } from './fields.js';

/** The RDATA of MX. */
export interface Mx {
  readonly preference: number;
  readonly exchange: DnsName;
}

/** @throws DnsError `ERR_DNS_MALFORMED` */
export function parseMx(rdata: Uint8Array): Mx {
  const reader = new WireReader(rdata);
  const mx = { preference: reader.u16(), exchange: reader.name() };
  reader.finish('the MX RDATA');
  return mx;
}

export function encodeMx(mx: Mx): Uint8Array {
  const writer = new WireWriter(64);
  writer.u16(mx.preference);
  writer.name(mx.exchange);
  return writer.finish();
}

/** Reads the presentation form. */
export function readMxText(fields: FieldReader): Uint8Array {
  return encodeMx({ preference: fields.integer('preference', 16), exchange: fields.name('exchange') });
}

/** Writes the presentation form. */
export function formatMx(rdata: Uint8Array): string {
  const mx = parseMx(rdata);
  return `${mx.preference} ${mx.exchange}`;
}
