// CAA: which authorities may issue certificates for a name (RFC 8659 section 4).

import { malformed } from '../error.js';
import { WireReader, WireWriter } from '../wire.js';
import { type FieldReader, quoted } from './fields.js';

/** The RDATA of CAA. */
export interface Caa {
  /** Bit 7 (128) is the issuer-critical flag. */
  readonly flags: number;
  /** The property's name: 1 to 255 ASCII letters and digits, compared without case. */
  readonly tag: string;
  readonly value: Uint8Array;
}

/** @throws DnsError `ERR_DNS_MALFORMED` */
export function parseCaa(rdata: Uint8Array): Caa {
  const reader = new WireReader(rdata);
  const flags = reader.u8();
  const tag = String.fromCharCode(...reader.bytes(reader.u8()));
  if (!isTag(tag)) throw malformed('the CAA tag is not of letters and digits');
  return { flags, tag, value: reader.rest() };
}

/** @throws DnsError `ERR_DNS_MALFORMED` for a tag that is none */
export function encodeCaa(caa: Caa): Uint8Array {
  if (!isTag(caa.tag)) throw malformed('the CAA tag is not of letters and digits');
  const writer = new WireWriter(64);
  writer.u8(caa.flags);
  writer.u8(caa.tag.length);
  writer.bytes(Buffer.from(caa.tag, 'latin1'));
  writer.bytes(caa.value);
  return writer.finish();
}

/** Reads the presentation form. */
export function readCaaText(fields: FieldReader): Uint8Array {
  const flags = fields.integer('flags', 8);
  const tag = fields.raw('tag');
  if (!isTag(tag)) throw fields.invalid(`the tag is ${JSON.stringify(tag)}, not letters and digits`);
  return encodeCaa({ flags, tag, value: fields.octets('value') });
}

/** Writes the presentation form. */
export function formatCaa(rdata: Uint8Array): string {
  const caa = parseCaa(rdata);
  return `${caa.flags} ${caa.tag} ${quoted(caa.value)}`;
}

function isTag(text: string): boolean {
  return /^[0-9A-Za-z]{1,255}$/.test(text);
}
