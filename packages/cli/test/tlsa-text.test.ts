// TLSA records as people write them.

import { describe, expect, it } from 'vitest';
import { parseTlsaFile, parseTlsaText } from '../src/tlsa-text.js';

const hex = 'ab'.repeat(32);

describe('one record', () => {
  it.each([
    ['the data alone', `3 1 1 ${hex}`],
    ['the hexadecimal digits in parts', `3 1 1 ${hex.slice(0, 20)} ${hex.slice(20)}`],
    ['upper case', `3 1 1 ${hex.toUpperCase()}`],
    ['a whole line', `_443._tcp.www.example.com. 3600 IN TLSA 3 1 1 ${hex}`],
    ['class before TTL', `_443._tcp.www.example.com. IN 3600 TLSA 3 1 1 ${hex}`],
    ['an owner that is a number', `3 IN TLSA 3 1 1 ${hex}`],
    ['the generic form', `www.example.com. IN TYPE52 \\# 35 030101 ${hex}`],
    ['parentheses', `www.example.com. TLSA ( 3 1 1 ${hex} )`],
  ])('is read from %s', (_, text) => {
    const { usage, selector, matchingType, data } = parseTlsaText(text, 'here');
    expect([usage, selector, matchingType]).toEqual([3, 1, 1]);
    expect(Buffer.from(data).toString('hex')).toBe(hex);
  });

  it.each([
    ['no data', '3 1 1'],
    ['no hexadecimal digits', '3 1 1 xyz'],
    ['half an octet', '3 1 1 abc'],
    ['a usage that is no octet', `300 1 1 ${hex}`],
    ['another type', 'www.example.com. IN A 192.0.2.1'],
    ['nothing', ''],
  ])('is refused with %s', (_, text) => {
    expect(() => parseTlsaText(text, 'here')).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
  });
});

describe('a file', () => {
  it('holds one record a line, with comments and empty lines', () => {
    const records = parseTlsaFile(
      `; current\n_443._tcp.a. IN TLSA 3 1 1 ${hex} ; the key of now\n\n# next\n3 0 2 ${'cd'.repeat(64)}\r\n`,
      'f',
    );
    expect(
      records.map(({ usage, selector, matchingType }) => `${usage} ${selector} ${matchingType}`),
    ).toEqual(['3 1 1', '3 0 2']);
  });

  it('is read as dig +multiline prints it, over several lines within parentheses', () => {
    const printed = [
      ';; ANSWER SECTION:',
      '_443._tcp.a.\t300 IN TLSA 3 1 1 (',
      `\t\t\t\t${hex.slice(0, 56).toUpperCase()}`,
      `\t\t\t\t${hex.slice(56).toUpperCase()} ) ; the key of now`,
      `_443._tcp.a.\t300 IN TLSA 3 1 1 ( ${hex} )`,
      `3 1 1 ${hex}`,
    ];
    const records = parseTlsaFile(printed.join('\n'), 'f');
    expect(records.map(({ data }) => Buffer.from(data).toString('hex'))).toEqual([hex, hex, hex]);
  });

  it('is refused when a parenthesis is not closed, with the line where it opens', () => {
    expect(() => parseTlsaFile(`3 1 1 ${hex}\nTLSA 3 1 1 (\n${hex}\n`, 'f')).toThrow(/f:2: .*not closed/);
    expect(() => parseTlsaFile(`TLSA 3 1 1 (\nzz )\n`, 'f')).toThrow(/f:1 is no TLSA record/);
  });

  it('is refused with the line of what is no record', () => {
    expect(() => parseTlsaFile(`3 1 1 ${hex}\nnonsense\n`, 'records.txt')).toThrow(/records\.txt:2 /);
  });

  it('may be empty of records', () => {
    expect(parseTlsaFile('; nothing yet\n', 'f')).toEqual([]);
  });
});
