// The generic form of RFC 3597 section 5, and text that comes back for RDATA of every type.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DnsError } from '../../src/error.js';
import { formatRdata, parseRdata } from '../../src/rdata/presentation.js';
import { RrType } from '../../src/rrtype.js';
import { records } from '../arbitraries.js';
import { hex } from '../hex.js';
import { invalid } from './rejects.js';

describe('the generic form', () => {
  it('is read as in the examples of RFC 3597 section 5', () => {
    expect(parseRdata(731, '\\# 6 abcd ( ef 01 23 45 )')).toEqual(hex('abcdef012345'));
    expect(parseRdata(62347, '\\# 0')).toEqual(hex(''));
    expect(parseRdata(RrType.A, '\\# 4 0A000001')).toEqual(hex('0a000001'));
    expect(parseRdata(RrType.A, '10.0.0.2')).toEqual(hex('0a000002'));
  });

  it('is written for unknown types and for RDATA that breaks the rules of its type', () => {
    expect(formatRdata(65280, hex('0102'))).toBe('\\# 2 0102');
    expect(formatRdata(65280, hex(''))).toBe('\\# 0');
    expect(formatRdata(RrType.A, hex('0a0000'))).toBe('\\# 3 0a0000');
    expect(formatRdata(RrType.A, hex('0a000001'))).toBe('10.0.0.1');
    expect(formatRdata(RrType.TLSA, hex('030101'))).toBe('\\# 3 030101');
  });

  it.each(['\\# 2 01', '\\# 1 0102', '\\# 1 0', '\\# 1 zz', '\\#', '\\# -1', '\\# 65536', '\\#1 00'])(
    'refuses %j',
    (text) => {
      expect(() => parseRdata(65280, text)).toThrow(invalid);
    },
  );

  it('is the only one that an unknown type has', () => {
    expect(() => parseRdata(65280, '0102')).toThrow(invalid);
  });
});

describe('any RDATA', () => {
  it('comes back from its text', () => {
    fc.assert(
      fc.property(records, ({ type, rdata }) => {
        expect(parseRdata(type, formatRdata(type, rdata))).toEqual(rdata);
      }),
      { numRuns: 1000 },
    );
  });

  it('comes back from its text when it is garbage', () => {
    const types = fc.constantFrom(...Object.values(RrType));
    fc.assert(
      fc.property(types, fc.uint8Array({ maxLength: 60 }), (type, rdata) => {
        expect(parseRdata(type, formatRdata(type, rdata))).toEqual(rdata);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('long text', () => {
  it('is read up to its bound, whatever stands in it', () => {
    const most = 1 << 20;
    expect(parseRdata(RrType.A, `10.0.0.1${' '.repeat(most - 8)}`)).toEqual(hex('0a000001'));
    expect(() => parseRdata(RrType.A, `10.0.0.1${' '.repeat(most - 7)}`)).toThrow(invalid);
    const octets = parseRdata(RrType.CAA, `0 issue "${String.raw`\255`.repeat(65535 - 7)}"`);
    expect(parseRdata(RrType.CAA, formatRdata(RrType.CAA, octets))).toEqual(octets);
  });

  it.each([
    [RrType.SVCB, '1 . port=', '1'],
    [RrType.SVCB, '1 . mandatory=', 'alpn,'],
    [RrType.SVCB, '1 . ipv4hint=', '192.0.2.1,'],
    [RrType.SVCB, '1 . alpn=', String.raw`\000`],
    [RrType.TXT, '', 'x'],
    [RrType.TXT, '"', String.raw`\000`],
    [RrType.TXT, '', 'x"y"'],
    [RrType.CAA, '0 ', 't'],
    [RrType.OPT, 'NSID=', '00'],
    [RrType.OPT, 'EDE=6,', 'x'],
    [RrType.NS, '', 'a.'],
  ])('of type %i that cannot fit is an error: %s%s…', (type, before, part) => {
    const text = before + part.repeat(Math.floor(((1 << 20) - before.length) / part.length));
    expect(() => parseRdata(type, text)).toThrow(invalid);
  });
});

describe('any text', () => {
  it('is RDATA or an error', () => {
    const types = fc.constantFrom(...Object.values(RrType));
    const words = fc.constantFrom(
      '0',
      '1',
      '3',
      'a.',
      '=',
      '"',
      '\\',
      '\\#',
      '00',
      'AQI=',
      'alpn=h2',
      '(',
      ';',
      '::1',
      'A',
      '-',
      ',',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(words, { maxLength: 10 }).map((parts) => parts.join(' ')),
    );
    fc.assert(
      fc.property(types, text, (type, value) => {
        try {
          parseRdata(type, value);
        } catch (error) {
          if (!(error instanceof DnsError && error.code === 'ERR_DNS_RDATA_INVALID')) throw error;
        }
      }),
      { numRuns: 3000 },
    );
  });
});
