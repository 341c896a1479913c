// Canonical RDATA (RFC 4034 section 6.2, RFC 6840 section 5.1).

import { describe, expect, it } from 'vitest';
import { canonicalRdata } from '../../src/rdata/canonical.js';
import { parseRdata } from '../../src/rdata/presentation.js';
import { RrType } from '../../src/rrtype.js';
import { ascii, hex } from '../hex.js';

describe('canonical RDATA', () => {
  it.each([
    ['NS', 'NS1.Example.', 'ns1.example.'],
    ['CNAME', 'WWW.Example.', 'www.example.'],
    ['DNAME', 'WWW.Example.', 'www.example.'],
    ['PTR', 'WWW.Example.', 'www.example.'],
    ['SOA', 'NS1.Example. Host.Example. 1 2 3 4 5', 'ns1.example. host.example. 1 2 3 4 5'],
    ['MX', '10 MAIL.Example.', '10 mail.example.'],
    ['SRV', '1 2 3 SRV.Example.', '1 2 3 srv.example.'],
    [
      'RRSIG',
      'A 13 2 300 20260101000000 20250101000000 1 EXAMPLE. QUJD',
      'A 13 2 300 20260101000000 20250101000000 1 example. QUJD',
    ],
  ] as const)('has the names of %s in lower case and nothing else changed', (type, given, canonical) => {
    const rdata = parseRdata(RrType[type], given);
    const before = new Uint8Array(rdata);
    expect(canonicalRdata(RrType[type], rdata)).toEqual(parseRdata(RrType[type], canonical));
    expect(rdata).toEqual(before);
  });

  it('keeps the case of the strings of NAPTR before its name', () => {
    const rdata = new Uint8Array([...hex('0001 0002 0153 025859 00'), ...hex('0141 00')]);
    expect(canonicalRdata(RrType.NAPTR, rdata)).toEqual(hex('0001 0002 0153 025859 00 0161 00'));
  });

  it.each(['NSEC', 'SVCB', 'HTTPS', 'TXT', 'A'] as const)('of %s is the RDATA as it is', (type) => {
    const rdata = new Uint8Array([...hex('0001'), ...ascii('\x01A\x00')]);
    expect(canonicalRdata(RrType[type], rdata)).toEqual(rdata);
  });

  it('that breaks the rules of its type is the RDATA as it is', () => {
    const rdata = hex('0a 41');
    expect(canonicalRdata(RrType.MX, rdata)).toEqual(rdata);
    expect(canonicalRdata(RrType.MX, hex('000a 0141 00'))).toEqual(hex('000a 0161 00'));
  });
});
