// CAA: flags, tag and value (RFC 8659 section 4.1).

import { describe, expect, it } from 'vitest';
import { encodeCaa, parseCaa } from '../../src/rdata/caa.js';
import { formatRdata, parseRdata } from '../../src/rdata/presentation.js';
import { RrType } from '../../src/rrtype.js';
import { ascii, hex } from '../hex.js';
import { invalid, malformed } from './rejects.js';

describe('CAA', () => {
  it('has the fields of an example in RFC 8659 section 4.2', () => {
    const text = '0 issue "ca1.example.net; account=230123"';
    const rdata = parseRdata(RrType.CAA, text);
    expect(parseCaa(rdata)).toEqual({
      flags: 0,
      tag: 'issue',
      value: ascii('ca1.example.net; account=230123'),
    });
    expect(formatRdata(RrType.CAA, rdata)).toBe(text);
    expect(encodeCaa(parseCaa(rdata))).toEqual(rdata);
  });

  it('keeps an empty value and one of more than 255 octets', () => {
    expect(formatRdata(RrType.CAA, hex('80 05 6973737565'))).toBe('128 issue ""');
    const long = parseRdata(RrType.CAA, `0 issue ${'v'.repeat(300)}`);
    expect(parseCaa(long).value).toHaveLength(300);
  });

  it.each([
    ['an empty tag', '00 00', '00 01 61'],
    ['a tag with a hyphen', '00 03 612d62', '00 03 613062'],
    ['a tag that is cut off', '00 03 6161', '00 02 6161'],
  ])('refuses %s', (_, wrong, right) => {
    expect(() => parseCaa(hex(right))).not.toThrow();
    expect(() => parseCaa(hex(wrong))).toThrow(malformed);
  });

  it('refuses text whose tag is not of letters and digits', () => {
    expect(() => parseRdata(RrType.CAA, '0 issuewild "a"')).not.toThrow();
    expect(() => parseRdata(RrType.CAA, '0 issue-wild "a"')).toThrow(invalid);
    expect(() => parseRdata(RrType.CAA, `0 ${'t'.repeat(256)} "a"`)).toThrow(invalid);
    expect(() => encodeCaa({ flags: 0, tag: '', value: hex('') })).toThrow(malformed);
  });
});
