// A and AAAA: octets and text (RFC 1035, RFC 3596, RFC 5952).

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeA, encodeAaaa, parseA, parseAaaa } from '../../src/rdata/address.js';
import { parseRdata } from '../../src/rdata/presentation.js';
import { RrType } from '../../src/rrtype.js';
import { hex } from '../hex.js';
import { invalid, malformed } from './rejects.js';

describe('A', () => {
  it('is four octets', () => {
    expect(parseA(hex('c0000201'))).toBe('192.0.2.1');
    expect(() => parseA(hex('c00002'))).toThrow(malformed);
    expect(() => parseA(hex('c000020100'))).toThrow(malformed);
  });

  it.each(['192.0.2', '192.0.2.256', '192.0.2.01x', '::1', '', '192.0.2.1 192.0.2.2'])(
    'is not written %j',
    (text) => {
      expect(() => parseRdata(RrType.A, text)).toThrow(invalid);
      expect(parseRdata(RrType.A, '192.0.2.1')).toEqual(hex('c0000201'));
    },
  );
});

describe('AAAA', () => {
  it.each([
    ['::', '0'.repeat(32)],
    ['::1', `${'0'.repeat(31)}1`],
    ['1::', `0001${'0'.repeat(28)}`],
    ['2001:db8::1', '20010db8000000000000000000000001'],
    ['2001:db8:0:1:1:1:1:1', '20010db8000000010001000100010001'],
    ['2001:0:0:1::1', '20010000000000010000000000000001'],
    ['2001:db8::1:0:0:1', '20010db8000000000001000000000001'],
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
    ['ff02::1:ff00:abcd', 'ff0200000000000000000001ff00abcd'],
  ])('writes %s as RFC 5952 does', (text, octets) => {
    expect(parseAaaa(hex(octets))).toBe(text);
    expect(encodeAaaa(text)).toEqual(hex(octets));
  });

  it.each([
    ['2001:DB8:0:0:0:0:0:1', '20010db8000000000000000000000001'],
    ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221'],
    ['1:2:3:4:5:6:192.0.2.33', '000100020003000400050006c0000221'],
    ['::192.0.2.33', '000000000000000000000000c0000221'],
  ])('reads %s', (text, octets) => {
    expect(encodeAaaa(text)).toEqual(hex(octets));
  });

  it.each(['fe80::1%eth0', '1:2:3', '192.0.2.1', ':::', ''])('is not written %j', (text) => {
    expect(encodeAaaa(text)).toBeUndefined();
  });

  it('is sixteen octets', () => {
    expect(() => parseAaaa(new Uint8Array(15))).toThrow(malformed);
    expect(() => parseAaaa(new Uint8Array(16))).not.toThrow();
  });

  it('comes back from text for any octets', () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const octets = Uint8Array.from(groups.flatMap((value) => [value >>> 8, value & 0xff]));
        expect(encodeAaaa(parseAaaa(octets))).toEqual(octets);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (octets) => {
        expect(encodeA(parseA(octets))).toEqual(octets);
      }),
    );
  });
});
