// SVCB and HTTPS: the test vectors of RFC 9460 appendix D, and the rules of sections 2, 7 and 8.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DnsError } from '../../src/error.js';
import { formatRdata, parseRdata } from '../../src/rdata/presentation.js';
import { encodeSvcb, parseSvcb } from '../../src/rdata/svcb.js';
import { decodeSvcParams } from '../../src/rdata/svcparams.js';
import { RrType } from '../../src/rrtype.js';
import { ascii, hex } from '../hex.js';
import { invalid, malformed } from './rejects.js';

const fooCom = '03666f6f 076578616d706c65 03636f6d 00';
const fooOrg = '03666f6f 076578616d706c65 036f7267 00';

describe('RFC 9460 appendix D.1 and D.2', () => {
  it.each([
    ['figure 2, AliasMode', '0 foo.example.com.', 19, `0000 ${fooCom}`],
    ['figure 3, TargetName "."', '1 .', 3, '0001 00'],
    ['figure 4, a port', '16 foo.example.com. port=53', 25, `0010 ${fooCom} 0003 0002 0035`],
    ['figure 5, a generic key', '1 foo.example.com. key667=hello', 28, `0001 ${fooCom} 029b 0005 68656c6c6f`],
    [
      'figure 6, a generic key with a decimal escape',
      String.raw`1 foo.example.com. key667="hello\210qoo"`,
      32,
      `0001 ${fooCom} 029b 0009 68656c6c6fd2716f6f`,
    ],
    [
      'figure 7, two quoted IPv6 hints',
      '1 foo.example.com. ( ipv6hint="2001:db8::1,2001:db8::53:1" )',
      55,
      `0001 ${fooCom} 0006 0020 20010db8000000000000000000000001 20010db8000000000000000000530001`,
    ],
    [
      'figure 8, an IPv6 hint in the form with an IPv4 address',
      '1 example.com. ( ipv6hint="2001:db8:122:344::192.0.2.33" )',
      35,
      '0001 076578616d706c65 03636f6d 00 0006 0010 20010db8012203440000 0000c0000221',
    ],
    [
      'figure 9, parameters and mandatory keys out of order',
      '16 foo.example.org. ( alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1 )',
      48,
      `0010 ${fooOrg} 0000 0004 0001 0004 0001 0009 02 6832 05 68332d3139 0004 0004 c0000201`,
    ],
    [
      'figure 10, escaped ALPN ids in quotes',
      String.raw`16 foo.example.org. alpn="f\\\\oo\\,bar,h2"`,
      35,
      `0010 ${fooOrg} 0001 000c 08 665c6f6f2c626172 02 6832`,
    ],
    [
      'figure 10, escaped ALPN ids without quotes',
      String.raw`16 foo.example.org. alpn=f\\\092oo\092,bar,h2`,
      35,
      `0010 ${fooOrg} 0001 000c 08 665c6f6f2c626172 02 6832`,
    ],
  ])('%s', (_, text, length, wire) => {
    const rdata = parseRdata(RrType.SVCB, text);
    expect(rdata).toEqual(hex(wire));
    expect(rdata).toHaveLength(length);
    expect(parseRdata(RrType.HTTPS, text)).toEqual(rdata);
    expect(parseRdata(RrType.SVCB, formatRdata(RrType.SVCB, rdata))).toEqual(rdata);
    expect(encodeSvcb(parseSvcb(rdata))).toEqual(rdata);
  });
});

describe('RFC 9460 appendix D.3', () => {
  it.each([
    ['a key twice', '1 foo.example.com. ( key123=abc key123=def )'],
    ['mandatory without a value', '1 foo.example.com. mandatory'],
    ['alpn without a value', '1 foo.example.com. alpn'],
    ['port without a value', '1 foo.example.com. port'],
    ['ipv4hint without a value', '1 foo.example.com. ipv4hint'],
    ['ipv6hint without a value', '1 foo.example.com. ipv6hint'],
    ['no-default-alpn with a value', '1 foo.example.com. ( no-default-alpn=abc )'],
    ['no-default-alpn with a value beside alpn', '1 foo.example.com. alpn=h2 no-default-alpn=abc'],
    ['a mandatory key that is not there', '1 foo.example.com. mandatory=key123'],
    ['mandatory that lists itself', '1 foo.example.com. mandatory=mandatory'],
    ['a mandatory key twice', '1 foo.example.com. ( mandatory=key123,key123 key123=abc )'],
  ])('refuses %s', (_, text) => {
    expect(() => parseRdata(RrType.SVCB, text)).toThrow(invalid);
  });

  it.each([
    ['different keys', '1 foo.example.com. ( key123=abc key124=def )'],
    ['no-default-alpn without a value', '1 foo.example.com. alpn=h2 no-default-alpn'],
    ['a mandatory key that is there', '1 foo.example.com. ( mandatory=key123 key123=abc )'],
  ])('takes %s', (_, text) => {
    expect(() => parseRdata(RrType.SVCB, text)).not.toThrow();
  });
});

describe('presentation form', () => {
  it.each([
    ['a port beyond 16 bits', 'port=65536'],
    ['an empty ALPN id', 'alpn=h2,,h3'],
    ['an escape that the value-list does not know', String.raw`alpn=h\\2`],
    ['an address of the wrong family', 'ipv4hint=::1'],
    ['ech that is not base64', 'ech=?'],
    ['ech without a value', 'ech'],
    ['no-default-alpn without alpn', 'no-default-alpn'],
    ['a key in upper case', 'PORT=53'],
    ['a key with leading zeros', 'key0667=a'],
    ['a key beyond 16 bits', 'key65536=a'],
    ['a name that is no key', 'colour=red'],
    ['a value of a known key in wire form that breaks its rules', String.raw`key3="\000"`],
  ])('refuses %s', (_, parameter) => {
    expect(() => parseRdata(RrType.SVCB, `1 . ${parameter}`)).toThrow(invalid);
  });

  it('takes a known key by its number, its value in wire form', () => {
    expect(parseRdata(RrType.SVCB, String.raw`1 . key3="\0005"`)).toEqual(
      parseRdata(RrType.SVCB, '1 . port=53'),
    );
  });

  it('reads the names of DNS-AID and writes their numbers', () => {
    const rdata = parseRdata(
      RrType.SVCB,
      '1 . mandatory=alpn,bap alpn=mcp bap=mcp=2025-06-18 well-known="agent.json"',
    );
    expect(formatRdata(RrType.SVCB, rdata)).toBe(
      '1 . mandatory=alpn,key65402 alpn="mcp" key65402="mcp=2025-06-18" key65409="agent.json"',
    );
    expect(parseRdata(RrType.SVCB, '1 . key65402=a')).toEqual(parseRdata(RrType.SVCB, '1 . bap=a'));
    expect(() => parseRdata(RrType.SVCB, '1 . bap=a key65402=a')).toThrow(invalid);
  });

  it('writes the names of DNS-AID when it is asked for names, and reads them again', () => {
    const text =
      '1 . mandatory=alpn,bap alpn="mcp" cap="https://a.test/cap" cap-sha256="CY1l" bap="mcp=2025-06-18" policy="p" ' +
      'realm="r" sig="s" connect-class="c" connect-meta="m" enroll-uri="u" well-known="agent.json" key65410="x"';
    const rdata = parseRdata(RrType.SVCB, text);
    expect([...parseSvcb(rdata).params.keys()].slice(2)).toEqual([
      65400, 65401, 65402, 65403, 65404, 65405, 65406, 65407, 65408, 65409, 65410,
    ]);
    expect(formatRdata(RrType.SVCB, rdata, { names: true })).toBe(text);
    expect(formatRdata(RrType.SVCB, rdata)).toContain(' key65400="https://a.test/cap" key65401="CY1l" ');
    expect(parseRdata(RrType.SVCB, formatRdata(RrType.SVCB, rdata))).toEqual(rdata);
  });

  it('writes every parameter of RFC 9460', () => {
    const text =
      '1 svc.example. mandatory=alpn alpn="h2,h3" no-default-alpn port=443 ipv4hint=192.0.2.1 ech=AEA= ipv6hint=2001:db8::1';
    expect(formatRdata(RrType.HTTPS, parseRdata(RrType.HTTPS, text))).toBe(text);
  });

  it('is the generic one for a record whose values break the rules', () => {
    expect(formatRdata(RrType.SVCB, hex('0001 00 0003 0001 00'))).toBe('\\# 8 0001000003000100');
  });
});

describe('wire form', () => {
  it.each([
    ['a key twice', '0001 00 029b 0000 029b 0000'],
    ['keys out of order', '0001 00 029b 0000 029a 0000'],
    ['a value that is cut off', '0001 00 029b 0002 00'],
    ['a key without a length', '0001 00 029b'],
    ['no target', '0001'],
    ['a compressed target', '0001 c000'],
  ])('refuses %s', (_, octets) => {
    expect(() => parseSvcb(hex(octets))).toThrow(malformed);
  });

  it('takes strictly ascending keys', () => {
    expect([...parseSvcb(hex('0001 00 029a 0000 029b 0001 61')).params.keys()]).toEqual([666, 667]);
  });

  it('is written with ascending keys whatever their order', () => {
    const params = new Map([
      [667, ascii('b')],
      [3, hex('0035')],
    ]);
    const { target } = parseSvcb(hex('0001 00'));
    expect(encodeSvcb({ priority: 1, target, params })).toEqual(hex('0001 00 0003 0002 0035 029b 0001 62'));
  });
});

describe('parameter values', () => {
  const decode = (...params: [number, string][]) =>
    decodeSvcParams(new Map(params.map(([key, octets]) => [key, hex(octets)])));

  it('are read by meaning', () => {
    const params = decode(
      [0, '0001 0003'],
      [1, '02 6832 03 6d6370'],
      [2, ''],
      [3, '01bb'],
      [4, 'c0000201 c0000202'],
      [5, '0001'],
      [6, '20010db8000000000000000000000001'],
      [65402, '6d6370'],
    );
    expect(params).toMatchObject({
      mandatory: [1, 3],
      alpn: ['h2', 'mcp'],
      noDefaultAlpn: true,
      port: 443,
      ipv4hint: ['192.0.2.1', '192.0.2.2'],
      ech: hex('0001'),
      ipv6hint: ['2001:db8::1'],
    });
    expect(params.text(65402)).toBe('mcp');
    expect(params.text(65403)).toBeUndefined();
  });

  it('are absent where nothing is said', () => {
    const { text, ...params } = decode();
    expect(params).toEqual({ noDefaultAlpn: false });
    expect(text(1)).toBeUndefined();
  });

  it.each<[string, [number, string][]]>([
    ['an empty mandatory list', [[0, '']]],
    [
      'half a mandatory key',
      [
        [0, '00'],
        [1, '0161'],
      ],
    ],
    ['mandatory that lists itself', [[0, '0000']]],
    [
      'a mandatory key twice',
      [
        [0, '0001 0001'],
        [1, '0161'],
      ],
    ],
    [
      'mandatory keys out of order',
      [
        [0, '0003 0001'],
        [1, '0161'],
        [3, '0035'],
      ],
    ],
    ['a mandatory key that is not there', [[0, '0001']]],
    ['an empty ALPN list', [[1, '']]],
    ['an empty ALPN id', [[1, '00']]],
    ['an ALPN id that is cut off', [[1, '0261']]],
    [
      'no-default-alpn with a value',
      [
        [1, '0161'],
        [2, '00'],
      ],
    ],
    ['no-default-alpn without alpn', [[2, '']]],
    ['a port of one octet', [[3, '35']]],
    ['a port of three octets', [[3, '003500']]],
    ['an empty ipv4hint', [[4, '']]],
    ['an ipv4hint of five octets', [[4, 'c000020100']]],
    ['an empty ech', [[5, '']]],
    ['an empty ipv6hint', [[6, '']]],
    ['an ipv6hint of four octets', [[6, 'c0000201']]],
  ])('refuse %s', (_, params) => {
    expect(() => decode(...params)).toThrow(malformed);
  });

  it('are text only when they are UTF-8', () => {
    expect(decode([65400, 'c3a9']).text(65400)).toBe('é');
    expect(() => decode([65400, 'c3']).text(65400)).toThrow(malformed);
  });

  it('of any octets are a meaning or an error', () => {
    const params = fc.array(fc.tuple(fc.nat(7), fc.uint8Array({ maxLength: 20 })), { maxLength: 5 });
    fc.assert(
      fc.property(params, (entries) => {
        try {
          decodeSvcParams(new Map(entries));
        } catch (error) {
          if (!(error instanceof DnsError && error.code === 'ERR_DNS_MALFORMED')) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});
