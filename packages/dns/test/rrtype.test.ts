// Numbers and their names.

import { describe, expect, it } from 'vitest';
import { parseRrType, RrType, rcodeName, rrTypeName } from '../src/rrtype.js';

const invalid = expect.objectContaining({ code: 'ERR_DNS_RDATA_INVALID' });

describe('record types', () => {
  it('are written by mnemonic, or by number where there is none', () => {
    expect(rrTypeName(52)).toBe('TLSA');
    expect(rrTypeName(65280)).toBe('TYPE65280');
  });

  it('are read in either form and whatever case', () => {
    expect(parseRrType('tlsa')).toBe(RrType.TLSA);
    expect(parseRrType('type52')).toBe(RrType.TLSA);
    expect(parseRrType('TYPE65535')).toBe(65535);
  });

  it.each(['TYPE65536', 'TYPE', 'TYPE-1', 'BOGUS', '', 'constructor'])('refuses %j', (text) => {
    expect(() => parseRrType(text)).toThrow(invalid);
  });
});

describe('response codes', () => {
  it('are written by mnemonic, or by number where there is none', () => {
    expect(rcodeName(3)).toBe('NXDOMAIN');
    expect(rcodeName(3841)).toBe('RCODE3841');
  });
});
