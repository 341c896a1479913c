// TXT: character-strings of up to 255 octets each (RFC 1035 section 3.3.14).

import { malformed } from '../error.js';
import { WireReader, WireWriter } from '../wire.js';
import { type FieldReader, quoted } from './fields.js';

/** The RDATA of TXT: one or more character-strings, as octets. */
export type Txt = readonly Uint8Array[];

/** @throws DnsError `ERR_DNS_MALFORMED` */
export function parseTxt(rdata: Uint8Array): Txt {
  const reader = new WireReader(rdata);
  const strings: Uint8Array[] = [];
  do strings.push(reader.bytes(reader.u8()));
  while (reader.remaining > 0);
  return strings;
}

/** @throws DnsError `ERR_DNS_MALFORMED` for no string at all, or one of more than 255 octets */
export function encodeTxt(txt: Txt): Uint8Array {
  if (txt.length === 0) throw malformed('a TXT record has at least one character-string');
  const writer = new WireWriter(256);
  for (const string of txt) {
    if (string.length > 255) throw malformed('a character-string has at most 255 octets');
    writer.u8(string.length);
    writer.bytes(string);
  }
  return writer.finish();
}

/** Reads the presentation form. */
export function readTxtText(fields: FieldReader): Uint8Array {
  const strings: Uint8Array[] = [];
  do strings.push(fields.characterString('character-string'));
  while (fields.remaining > 0);
  return encodeTxt(strings);
}

/** Writes the presentation form. */
export function formatTxt(rdata: Uint8Array): string {
  return parseTxt(rdata).map(quoted).join(' ');
}
