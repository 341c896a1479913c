// A and AAAA (RFC 1035 section 3.4.1, RFC 3596): addresses as octets and as text.

import { isIPv4, isIPv6 } from 'node:net';
import { malformed } from '../error.js';
import type { FieldReader } from './fields.js';

/** The text of an A record's RDATA. */
export function parseA(rdata: Uint8Array): string {
  if (rdata.length !== 4) throw malformed(`an IPv4 address has 4 octets, not ${rdata.length}`);
  return rdata.join('.');
}

/** The text of an AAAA record's RDATA in the form of RFC 5952. */
export function parseAaaa(rdata: Uint8Array): string {
  if (rdata.length !== 16) throw malformed(`an IPv6 address has 16 octets, not ${rdata.length}`);
  const groups: number[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(((rdata[at] ?? 0) << 8) | (rdata[at + 1] ?? 0));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${rdata.subarray(12).join('.')}`;
  }
  // The longest run of zero groups, the first among equals, is written as `::` when it has two or more.
  let longestAt = 0;
  let longest = 1;
  let run = 0;
  for (const [index, group] of groups.entries()) {
    run = group === 0 ? run + 1 : 0;
    if (run > longest) {
      longest = run;
      longestAt = index - run + 1;
    }
  }
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return longest < 2 ? text(0, 8) : `${text(0, longestAt)}::${text(longestAt + longest, 8)}`;
}

/** The four octets of a dotted IPv4 address; undefined when it is none. */
export function encodeA(text: string): Uint8Array | undefined {
  return isIPv4(text) ? Uint8Array.from(text.split('.'), Number) : undefined;
}

/** The sixteen octets of an IPv6 address without a zone; undefined when it is none. */
export function encodeAaaa(text: string): Uint8Array | undefined {
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const dotted = encodeA(text.slice(text.lastIndexOf(':') + 1));
  const tail = dotted === undefined ? [] : Array.from(dotted);
  const hex =
    dotted === undefined ? text : text.slice(0, text.lastIndexOf(':') + 1).replace(/([^:]):$/, '$1');
  const [left = '', right] = hex.split('::');
  const head = groupOctets(left);
  const rest = [...groupOctets(right ?? ''), ...tail];
  const zeros = new Array<number>(16 - head.length - rest.length).fill(0);
  return Uint8Array.from([...head, ...zeros, ...rest]);
}

/** Reads the presentation form of an A record. */
export function readAText(fields: FieldReader): Uint8Array {
  return readAddress(fields, encodeA, 'IPv4');
}

/** Reads the presentation form of an AAAA record. */
export function readAaaaText(fields: FieldReader): Uint8Array {
  return readAddress(fields, encodeAaaa, 'IPv6');
}

function groupOctets(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >>> 8, value & 0xff];
  });
}

function readAddress(
  fields: FieldReader,
  encode: (text: string) => Uint8Array | undefined,
  family: string,
): Uint8Array {
  const text = fields.raw('address');
  const octets = encode(text);
  if (octets === undefined) throw fields.invalid(`${JSON.stringify(text)} is no ${family} address`);
  return octets;
}
