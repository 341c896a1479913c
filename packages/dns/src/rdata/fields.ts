// The presentation form of RDATA as a row of fields (RFC 1035 section 5.1): words and quoted character-strings,
// parentheses and comments as in a zone file, escapes of the form \DDD and \X.

import { type DnsError, invalidRdata, malformed } from '../error.js';
import { DnsName, decimalEscape, readEscape } from '../name.js';
import { fromBase64, fromHex, toBase64, toHex } from './encoding.js';

/** Reads the fields of one record's RDATA; anything that does not fit is `ERR_DNS_RDATA_INVALID`. */
export class FieldReader {
  readonly #fields: readonly string[];
  readonly #type: string;
  #next = 0;

  /** @param type the type's mnemonic, for messages */
  constructor(type: string, text: string) {
    this.#type = type;
    this.#fields = splitFields(type, text);
  }

  get remaining(): number {
    return this.#fields.length - this.#next;
  }

  /** The next field as it was written, quotes and escapes included. */
  raw(what: string): string {
    const field = this.#fields[this.#next];
    if (field === undefined) throw this.invalid(`the ${what} is missing`);
    this.#next += 1;
    return field;
  }

  /** An unsigned integer of so many bits. */
  integer(what: string, bits: 8 | 16 | 32): number {
    const text = this.raw(what);
    const value = /^[0-9]{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (value < 2 ** bits) return value;
    throw this.invalid(`the ${what} is ${JSON.stringify(text)}, not an integer below 2^${bits}`);
  }

  /** A domain name, absolute whether or not its final dot is written. */
  name(what: string): DnsName {
    const text = this.raw(what);
    try {
      return DnsName.parse(text);
    } catch (error) {
      throw this.invalid(`the ${what} is no domain name: ${JSON.stringify(text)}`, { cause: error });
    }
  }

  /** The octets of one character-string, quoted or not, however long. */
  octets(what: string): Uint8Array {
    return this.unescape(this.raw(what), what);
  }

  /** The octets of one character-string that has a length octet on the wire: at most 255. */
  characterString(what: string): Uint8Array {
    const octets = this.octets(what);
    if (octets.length <= 255) return octets;
    throw this.invalid(`the ${what} has more than 255 octets; divide it`);
  }

  /** The octets of a character-string that was cut out of a field. */
  unescape(text: string, what: string): Uint8Array {
    const octets = unescapeOctets(text);
    if (octets === undefined) throw this.invalid(`the ${what} has a bad escape or quote`);
    return octets;
  }

  /** All that is left, as hexadecimal that spaces may divide; at least one octet. */
  hex(what: string): Uint8Array {
    return this.#joined(what, fromHex, 'hexadecimal');
  }

  /** All that is left, as base64 that spaces may divide; at least one octet. */
  base64(what: string): Uint8Array {
    return this.#joined(what, fromBase64, 'base64');
  }

  /** Nothing may be left. */
  finish(): void {
    if (this.remaining > 0) throw this.invalid(`${this.remaining} fields too many`);
  }

  /** The error of a field that does not fit. */
  invalid(why: string, options?: ErrorOptions): DnsError {
    return invalidRdata(`not the presentation form of ${this.#type}: ${why}`, options);
  }

  #joined(what: string, decode: (text: string) => Uint8Array | undefined, encoding: string): Uint8Array {
    let text = this.raw(what);
    while (this.remaining > 0) text += this.raw(what);
    const octets = decode(text);
    if (octets === undefined || octets.length === 0) throw this.invalid(`the ${what} is not ${encoding}`);
    return octets;
  }
}

/** Hexadecimal of a field that ends its RDATA. An empty one has no presentation form of its own. */
export function hexField(octets: Uint8Array): string {
  if (octets.length === 0) throw malformed('an empty field, where hexadecimal is wanted');
  return toHex(octets);
}

/** Base64 of a field that ends its RDATA. An empty one has no presentation form of its own. */
export function base64Field(octets: Uint8Array): string {
  if (octets.length === 0) throw malformed('an empty field, where base64 is wanted');
  return toBase64(octets);
}

/** A character-string in quotes, what is not printable ASCII as \DDD. */
export function quoted(octets: Uint8Array): string {
  let text = '"';
  for (const octet of octets) {
    if (octet < 0x20 || octet > 0x7e) text += decimalEscape(octet);
    else if (octet === 0x22 || octet === 0x5c) text += `\\${String.fromCharCode(octet)}`;
    else text += String.fromCharCode(octet);
  }
  return `${text}"`;
}

// A quote inside a word opens a quoted part, as in `alpn="h2,h3"`; a word that begins with a quote ends with it.
function splitFields(type: string, text: string): readonly string[] {
  const fields: string[] = [];
  const pattern =
    /;[^\n]*|[\s()]+|"(?:[^"\\]|\\[\s\S])*"|(?:[^\s()";\\]|\\[\s\S])(?:[^\s()";\\]|\\[\s\S]|"(?:[^"\\]|\\[\s\S])*")*/y;
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text)?.[0];
    if (match === undefined) {
      throw invalidRdata(`not the presentation form of ${type}: an open quote or escape at position ${at}`);
    }
    if (!/^[;\s()]/.test(match)) fields.push(match);
  }
  return fields;
}

function unescapeOctets(text: string): Uint8Array | undefined {
  const isQuoted = text.length >= 2 && text.startsWith('"') && text.endsWith('"');
  const body = isQuoted ? text.slice(1, -1) : text;
  if (!body.includes('\\')) return body.includes('"') ? undefined : new Uint8Array(Buffer.from(body, 'utf8'));
  const parts: Uint8Array[] = [];
  let plainAt = 0;
  for (let at = 0; at < body.length; at++) {
    const character = body.charAt(at);
    if (character === '"') return undefined;
    if (character !== '\\') continue;
    const escaped = readEscape(body, at);
    if (escaped === undefined) return undefined;
    parts.push(Buffer.from(body.slice(plainAt, at), 'utf8'), Uint8Array.of(escaped.octet));
    plainAt = escaped.end;
    at = escaped.end - 1;
  }
  parts.push(Buffer.from(body.slice(plainAt), 'utf8'));
  return new Uint8Array(Buffer.concat(parts));
}
