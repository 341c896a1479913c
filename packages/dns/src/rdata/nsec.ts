// NSEC: the next name of a zone and the types of this one (RFC 4034 section 4).

import type { DnsName } from '../name.js';
import { WireReader, WireWriter } from '../wire.js';
import type { FieldReader } from './fields.js';
import { encodeTypeBitmap, formatTypes, parseTypeBitmap, readTypesText } from './typebitmap.js';

/** The RDATA of NSEC. */
export interface Nsec {
  readonly next: DnsName;
  readonly types: ReadonlySet<number>;
}

/** @throws DnsError `ERR_DNS_MALFORMED` */
export function parseNsec(rdata: Uint8Array): Nsec {
  const reader = new WireReader(rdata);
  return { next: reader.name(), types: parseTypeBitmap(reader.rest()) };
}

export function encodeNsec(nsec: Nsec): Uint8Array {
  const writer = new WireWriter(64);
  writer.name(nsec.next);
  writer.bytes(encodeTypeBitmap(nsec.types));
  return writer.finish();
}

/** Reads the presentation form. */
export function readNsecText(fields: FieldReader): Uint8Array {
  return encodeNsec({ next: fields.name('next name'), types: readTypesText(fields) });
}

/** Writes the presentation form. */
export function formatNsec(rdata: Uint8Array): string {
  const nsec = parseNsec(rdata);
  return `${nsec.next}${formatTypes(nsec.types)}`;
}
