// OPT: EDNS options as octets and as text (RFC 6891 section 6.1.2, RFC 8914).

import { describe, expect, it } from 'vitest';
import { encodeOpt, parseOpt } from '../../src/rdata/opt.js';
import { formatRdata, parseRdata } from '../../src/rdata/presentation.js';
import { RrType } from '../../src/rrtype.js';
import { ascii, hex } from '../hex.js';
import { invalid, malformed } from './rejects.js';

describe('OPT', () => {
  it('has text for its options: a name or a number, hexadecimal, and an error with its words', () => {
    const rdata = hex('0003 0002 6162 000f 0007 0006 626f677573 000f 0002 0016 fde9 0001 ff 000c 0000');
    const text = 'NSID=6162 EDE=6,"bogus" EDE=22,"" OPT65001=ff PADDING';
    expect(formatRdata(RrType.OPT, rdata)).toBe(text);
    expect(parseRdata(RrType.OPT, text)).toEqual(rdata);
    expect(parseOpt(rdata)[1]).toEqual({ code: 15, data: hex('0006 626f677573') });
    expect(encodeOpt(parseOpt(rdata))).toEqual(rdata);
  });

  it('writes an error that is too short for its code in hexadecimal', () => {
    expect(formatRdata(RrType.OPT, hex('000f 0001 06'))).toBe('EDE=06');
    expect(parseRdata(RrType.OPT, 'EDE=06')).toEqual(hex('000f 0001 06'));
  });

  it('has only the generic form when there is no option', () => {
    expect(formatRdata(RrType.OPT, hex(''))).toBe('\\# 0');
    expect(() => parseRdata(RrType.OPT, '')).toThrow(invalid);
  });

  it.each([
    ['EDE=65536,""', 'EDE=65535,""'],
    ['EDE=6', 'EDE=0006'],
    ['OPT65536=00', 'OPT65535=00'],
    ['OPT01=00', 'OPT1=00'],
    ['NSID=6', 'NSID=06'],
    ['COLOUR=00', 'COOKIE=00'],
  ])('does not read %s, and reads %s', (wrong, right) => {
    expect(() => parseRdata(RrType.OPT, right)).not.toThrow();
    expect(() => parseRdata(RrType.OPT, wrong)).toThrow(invalid);
  });

  it('refuses an option that is cut off', () => {
    expect(parseOpt(hex('0003 0001 61'))).toEqual([{ code: 3, data: ascii('a') }]);
    expect(() => parseOpt(hex('0003 0002 61'))).toThrow(malformed);
    expect(() => parseOpt(hex('0003 00'))).toThrow(malformed);
  });
});
