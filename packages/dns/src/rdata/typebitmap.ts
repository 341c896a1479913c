// The set of types that NSEC and NSEC3 list (RFC 4034 section 4.1.2), read strictly: a bitmap with two forms would
// let a signer or a parser see what the other does not.

import { malformed } from '../error.js';
import { parseRrType, rrTypeName } from '../rrtype.js';
import { WireReader, WireWriter } from '../wire.js';
import type { FieldReader } from './fields.js';

/**
 * Reads window blocks until the octets end.
 *
 * @throws DnsError `ERR_DNS_MALFORMED`: windows out of order, empty blocks, trailing zero octets
 */
export function parseTypeBitmap(octets: Uint8Array): ReadonlySet<number> {
  const types = new Set<number>();
  const reader = new WireReader(octets);
  let previous = -1;
  while (reader.remaining > 0) {
    const window = reader.u8();
    if (window <= previous) throw malformed(`type bitmap window ${window} is out of order`);
    previous = window;
    const length = reader.u8();
    if (length < 1 || length > 32) throw malformed(`a type bitmap of ${length} octets`);
    const bitmap = reader.bytes(length);
    if (bitmap[length - 1] === 0) throw malformed('a type bitmap ends with a zero octet');
    for (const [index, octet] of bitmap.entries()) {
      for (let bit = 0; bit < 8; bit++) {
        if ((octet & (0x80 >>> bit)) !== 0) types.add((window << 8) | (index << 3) | bit);
      }
    }
  }
  return types;
}

/** Writes the window blocks of a set of types, in whatever order it is. */
export function encodeTypeBitmap(types: Iterable<number>): Uint8Array {
  const windows = new Map<number, Uint8Array>();
  for (const type of [...types].sort((a, b) => a - b)) {
    const index = (type & 0xff) >>> 3;
    const before = windows.get(type >>> 8) ?? new Uint8Array(0);
    const bitmap = before.length > index ? before : new Uint8Array(index + 1);
    bitmap.set(before);
    bitmap[index] = (bitmap[index] ?? 0) | (0x80 >>> (type & 7));
    windows.set(type >>> 8, bitmap);
  }
  const writer = new WireWriter(64);
  for (const [window, bitmap] of windows) {
    writer.u8(window);
    writer.u8(bitmap.length);
    writer.bytes(bitmap);
  }
  return writer.finish();
}

/** Reads all fields that are left as types. */
export function readTypesText(fields: FieldReader): ReadonlySet<number> {
  const types = new Set<number>();
  while (fields.remaining > 0) types.add(parseRrType(fields.raw('type')));
  return types;
}

/** The types' names in ascending order, each with a space before it. */
export function formatTypes(types: ReadonlySet<number>): string {
  return [...types]
    .sort((a, b) => a - b)
    .map((type) => ` ${rrTypeName(type)}`)
    .join('');
}
