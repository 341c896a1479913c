// NAPTR: a rule that rewrites a string into a name or a URI (RFC 3403 section 4).

import { malformed } from '../error.js';
import type { DnsName } from '../name.js';
import { WireReader, WireWriter } from '../wire.js';
import { type FieldReader, quoted } from './fields.js';

/** The RDATA of NAPTR; its character-strings as octets, up to 255 each. */
export interface Naptr {
  readonly order: number;
  readonly preference: number;
  readonly flags: Uint8Array;
  readonly services: Uint8Array;
  readonly regexp: Uint8Array;
  readonly replacement: DnsName;
}

/** @throws DnsError `ERR_DNS_MALFORMED` */
export function parseNaptr(rdata: Uint8Array): Naptr {
  const reader = new WireReader(rdata);
  const naptr = {
    order: reader.u16(),
    preference: reader.u16(),
    flags: reader.bytes(reader.u8()),
    services: reader.bytes(reader.u8()),
    regexp: reader.bytes(reader.u8()),
    replacement: reader.name(),
  };
  reader.finish('the NAPTR RDATA');
  return naptr;
}

/** @throws DnsError `ERR_DNS_MALFORMED` for a character-string of more than 255 octets */
export function encodeNaptr(naptr: Naptr): Uint8Array {
  const writer = new WireWriter(128);
  writer.u16(naptr.order);
  writer.u16(naptr.preference);
  for (const string of [naptr.flags, naptr.services, naptr.regexp]) {
    if (string.length > 255) throw malformed('a character-string has at most 255 octets');
    writer.u8(string.length);
    writer.bytes(string);
  }
  writer.name(naptr.replacement);
  return writer.finish();
}

/** Reads the presentation form. */
export function readNaptrText(fields: FieldReader): Uint8Array {
  return encodeNaptr({
    order: fields.integer('order', 16),
    preference: fields.integer('preference', 16),
    flags: fields.characterString('flags'),
    services: fields.characterString('services'),
    regexp: fields.characterString('regular expression'),
    replacement: fields.name('replacement'),
  });
}

/** Writes the presentation form. */
export function formatNaptr(rdata: Uint8Array): string {
  const naptr = parseNaptr(rdata);
  const strings = [naptr.flags, naptr.services, naptr.regexp].map(quoted);
  return `${naptr.order} ${naptr.preference} ${strings.join(' ')} ${naptr.replacement}`;
}
