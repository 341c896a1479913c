// NAPTR: fields, character-strings and bounds (RFC 3403 section 4.1).

import { describe, expect, it } from 'vitest';
import { DnsName } from '../../src/name.js';
import { encodeNaptr, parseNaptr } from '../../src/rdata/naptr.js';
import { formatRdata, parseRdata } from '../../src/rdata/presentation.js';
import { RrType } from '../../src/rrtype.js';
import { ascii, hex } from '../hex.js';
import { invalid, malformed } from './rejects.js';

describe('NAPTR', () => {
  it('has the fields of an example in RFC 3403 section 6.2', () => {
    const text = '100 10 "u" "sip+E2U" "!^.*$!sip:info@example.com!i" .';
    const rdata = parseRdata(RrType.NAPTR, text);
    expect(parseNaptr(rdata)).toMatchObject({
      order: 100,
      preference: 10,
      flags: ascii('u'),
      services: ascii('sip+E2U'),
      regexp: ascii('!^.*$!sip:info@example.com!i'),
    });
    expect(parseNaptr(rdata).replacement.equals(DnsName.root)).toBe(true);
    expect(formatRdata(RrType.NAPTR, rdata)).toBe(text);
    expect(encodeNaptr(parseNaptr(rdata))).toEqual(rdata);
  });

  it.each([
    ['a string that is cut off', '0001 0002 00 00 02 61', '0001 0002 00 00 01 61 00'],
    ['no replacement', '0001 0002 00 00 00', '0001 0002 00 00 00 00'],
    ['a compressed replacement', '0001 0002 00 00 00 c000', '0001 0002 00 00 00 0161 00'],
    ['octets behind it', '0001 0002 00 00 00 00 00', '0001 0002 00 00 00 00'],
  ])('refuses %s', (_, wrong, right) => {
    expect(() => parseNaptr(hex(right))).not.toThrow();
    expect(() => parseNaptr(hex(wrong))).toThrow(malformed);
  });

  it('holds strings of up to 255 octets', () => {
    const text = (length: number) => `1 2 "" "" "${'r'.repeat(length)}" .`;
    expect(parseNaptr(parseRdata(RrType.NAPTR, text(255))).regexp).toHaveLength(255);
    expect(() => parseRdata(RrType.NAPTR, text(256))).toThrow(invalid);
    const naptr = parseNaptr(parseRdata(RrType.NAPTR, text(0)));
    expect(() => encodeNaptr({ ...naptr, flags: new Uint8Array(255) })).not.toThrow();
    expect(() => encodeNaptr({ ...naptr, flags: new Uint8Array(256) })).toThrow(malformed);
  });
});
