// Octets as text: the test vectors of RFC 4648 section 10.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fromBase32Hex,
  fromBase64,
  fromHex,
  toBase32Hex,
  toBase64,
  toHex,
} from '../../src/rdata/encoding.js';
import { ascii, hex } from '../hex.js';

describe('base32hex', () => {
  it.each([
    ['', ''],
    ['f', 'co'],
    ['fo', 'cpng'],
    ['foo', 'cpnmu'],
    ['foob', 'cpnmuog'],
    ['fooba', 'cpnmuoj1'],
    ['foobar', 'cpnmuoj1e8'],
  ])('writes %j as RFC 4648 does, without padding', (text, encoded) => {
    expect(toBase32Hex(ascii(text))).toBe(encoded);
    expect(fromBase32Hex(encoded.toUpperCase())).toEqual(ascii(text));
  });

  it.each(['w', 'c', 'cp=', 'cpn', 'cr', 'c o'])('refuses %j', (text) => {
    expect(fromBase32Hex(text)).toBeUndefined();
  });

  it('comes back for any octets', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (octets) => fromBase32Hex(toBase32Hex(octets))?.join() === octets.join()),
    );
  });
});

describe('hexadecimal and base64', () => {
  it('are read in full or not at all', () => {
    expect(fromHex('00FFab')).toEqual(hex('00ffab'));
    expect(fromHex('00f')).toBeUndefined();
    expect(fromHex('0g')).toBeUndefined();
    expect(fromBase64('Zm9v')).toEqual(ascii('foo'));
    expect(fromBase64('Zm8=')).toEqual(ascii('fo'));
    expect(fromBase64('Zm8')).toBeUndefined();
    expect(fromBase64('Zm9_')).toBeUndefined();
    expect(toHex(ascii('foo').subarray(1))).toBe('6f6f');
    expect(toBase64(ascii('xfo').subarray(1))).toBe('Zm8=');
  });
});
