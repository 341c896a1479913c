// TXT: character-strings, their quotes and escapes (RFC 1035 section 5.1).

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRdata, parseRdata } from '../../src/rdata/presentation.js';
import { encodeTxt, parseTxt } from '../../src/rdata/txt.js';
import { RrType } from '../../src/rrtype.js';
import { ascii, hex } from '../hex.js';
import { invalid, malformed } from './rejects.js';

const strings = (text: string) =>
  parseTxt(parseRdata(RrType.TXT, text)).map((octets) => Buffer.from(octets).toString('latin1'));

describe('the presentation form of TXT', () => {
  it.each([
    ['one word', 'agents=a:mcp', ['agents=a:mcp']],
    ['two words', 'a b', ['a', 'b']],
    ['quotes around blanks', '"a b" c', ['a b', 'c']],
    ['quotes that touch', '"a""b"', ['a', 'b']],
    ['the empty string', '""', ['']],
    ['escaped quotes and backslashes', String.raw`"a\"b\\c"`, ['a"b\\c']],
    ['decimal escapes', String.raw`"\000\255" \065`, ['\x00\xff', 'A']],
    ['an escaped blank outside quotes', String.raw`a\032b`, ['a b']],
    ['parentheses and a comment over lines', '( a ; first\n "b;(" )', ['a', 'b;(']],
    ['letters beyond ASCII as UTF-8', 'é', ['\xc3\xa9']],
  ])('reads %s', (_, text, expected) => {
    expect(strings(text)).toEqual(expected);
  });

  it.each([
    ['nothing', ''],
    ['an open quote', '"a'],
    ['a backslash at the end', 'a\\'],
    ['a decimal escape above 255', String.raw`"\256"`],
    ['a decimal escape of two digits', String.raw`"\25"`],
    ['a string of 256 octets', `"${'a'.repeat(256)}"`],
  ])('refuses %s', (_, text) => {
    expect(() => parseRdata(RrType.TXT, text)).toThrow(invalid);
  });

  it('takes a string of 255 octets', () => {
    expect(strings(`"${'a'.repeat(255)}"`)[0]).toHaveLength(255);
  });

  it('comes back for any octets', () => {
    const txt = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(txt, (value) => {
        const rdata = encodeTxt(value);
        expect(parseTxt(rdata)).toEqual(value);
        expect(parseRdata(RrType.TXT, formatRdata(RrType.TXT, rdata))).toEqual(rdata);
      }),
    );
  });
});

describe('the wire form of TXT', () => {
  it('has at least one string, whole', () => {
    expect(() => parseTxt(hex(''))).toThrow(malformed);
    expect(() => parseTxt(hex('0261'))).toThrow(malformed);
    expect(parseTxt(hex('00'))).toEqual([hex('')]);
    expect(() => encodeTxt([])).toThrow(malformed);
    expect(() => encodeTxt([ascii('a'.repeat(256))])).toThrow(malformed);
  });
});
