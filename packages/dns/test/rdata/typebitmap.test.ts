// Type bitmaps (RFC 4034 section 4.1.2): one form for each set of types.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeTypeBitmap, parseTypeBitmap } from '../../src/rdata/typebitmap.js';
import { hex } from '../hex.js';
import { malformed } from './rejects.js';

describe('a type bitmap', () => {
  it('is that of the example in RFC 4034 section 4.3', () => {
    const octets = hex(`0006 400100000003 041b ${'00'.repeat(26)} 20`);
    expect([...parseTypeBitmap(octets)]).toEqual([1, 15, 46, 47, 1234]);
    expect(encodeTypeBitmap([1234, 47, 1, 46, 15])).toEqual(octets);
  });

  it('may be empty', () => {
    expect(parseTypeBitmap(hex('')).size).toBe(0);
    expect(encodeTypeBitmap([])).toEqual(hex(''));
  });

  it.each([
    ['windows out of order', '0401 80 0001 40'],
    ['a window twice', '0001 40 0001 40'],
    ['an empty block', '0000'],
    ['a block of 33 octets', `0021 ${'ff'.repeat(33)}`],
    ['a trailing zero octet', '0002 4000'],
    ['a block that is cut off', '0002 40'],
    ['a window without a length', '00'],
  ])('has no %s', (_, octets) => {
    expect(() => parseTypeBitmap(hex(octets))).toThrow(malformed);
  });

  it.each([
    ['windows in order', '0001 40 0401 80'],
    ['a block of 32 octets', `0020 ${'ff'.repeat(32)}`],
    ['a zero octet before others', '0002 0040'],
  ])('may have %s', (_, octets) => {
    expect(() => parseTypeBitmap(hex(octets))).not.toThrow();
  });

  it('comes back for any set of types', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(0xffff)), (types) => {
        const sorted = types.toSorted((a, b) => a - b);
        expect([...parseTypeBitmap(encodeTypeBitmap(types))]).toEqual(sorted);
      }),
    );
  });
});
