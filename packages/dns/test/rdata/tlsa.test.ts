// TLSA (RFC 6698 section 2).

import { describe, expect, it } from 'vitest';
import { formatRdata, parseRdata } from '../../src/rdata/presentation.js';
import { encodeTlsa, parseTlsa } from '../../src/rdata/tlsa.js';
import { RrType } from '../../src/rrtype.js';
import { hex } from '../hex.js';
import { invalid, malformed } from './rejects.js';

describe('TLSA', () => {
  it('is read and written as in RFC 6698 section 2.3', () => {
    const text = '1 1 2 ( 92003ba34942dc74152e2f2c408d29ec\n a5a520e7f2e06bb944f4dca346baf63c )';
    const rdata = parseRdata(RrType.TLSA, text);
    expect(parseTlsa(rdata)).toMatchObject({ usage: 1, selector: 1, matchingType: 2 });
    expect(parseTlsa(rdata).data).toHaveLength(32);
    expect(encodeTlsa(parseTlsa(rdata))).toEqual(rdata);
    expect(formatRdata(RrType.TLSA, rdata)).toBe(
      '1 1 2 92003ba34942dc74152e2f2c408d29eca5a520e7f2e06bb944f4dca346baf63c',
    );
  });

  it('carries numbers that nobody has assigned', () => {
    expect(parseTlsa(hex('ff fe fd 00'))).toEqual({
      usage: 255,
      selector: 254,
      matchingType: 253,
      data: hex('00'),
    });
  });

  it('has its three numbers', () => {
    expect(() => parseTlsa(hex('0301'))).toThrow(malformed);
    expect(parseTlsa(hex('030101')).data).toHaveLength(0);
  });

  it.each(['3 1 1', '3 1 1 0', '3 1 1 0g', '256 1 1 00', '3 1 00', '3 1 1 "00"'])(
    'is not written %j',
    (text) => {
      expect(() => parseRdata(RrType.TLSA, text)).toThrow(invalid);
    },
  );
});
