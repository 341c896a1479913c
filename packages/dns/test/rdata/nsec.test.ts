// NSEC, NSEC3 and NSEC3PARAM (RFC 4034 section 4, RFC 5155).

import { describe, expect, it } from 'vitest';
import { encodeNsec, parseNsec } from '../../src/rdata/nsec.js';
import { encodeNsec3, encodeNsec3Param, parseNsec3, parseNsec3Param } from '../../src/rdata/nsec3.js';
import { formatRdata, parseRdata } from '../../src/rdata/presentation.js';
import { RrType } from '../../src/rrtype.js';
import { hex } from '../hex.js';
import { invalid, malformed } from './rejects.js';

describe('NSEC', () => {
  const wire = hex(`04686f7374 076578616d706c65 03636f6d 00 0006 400100000003 041b ${'00'.repeat(26)} 20`);
  const text = 'host.example.com. A MX RRSIG NSEC TYPE1234';

  it('is that of the example in RFC 4034 section 4.3', () => {
    expect(parseRdata(RrType.NSEC, text)).toEqual(wire);
    expect(formatRdata(RrType.NSEC, wire)).toBe(text);
    expect(encodeNsec(parseNsec(wire))).toEqual(wire);
  });

  it('has a whole, uncompressed next name', () => {
    expect(() => parseNsec(hex('c000 0001 40'))).toThrow(malformed);
    expect(() => parseNsec(hex('0161'))).toThrow(malformed);
    expect(() => parseNsec(hex('0161 00'))).not.toThrow();
  });

  it('is not written with something that is no type', () => {
    expect(() => parseRdata(RrType.NSEC, 'a. A NOTYPE')).toThrow(invalid);
  });
});

describe('NSEC3', () => {
  const text = '1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr NS SOA MX RRSIG DNSKEY NSEC3PARAM';

  it('is that of the example in RFC 5155 appendix A', () => {
    const rdata = parseRdata(RrType.NSEC3, text);
    const nsec3 = parseNsec3(rdata);
    expect(nsec3).toMatchObject({ hashAlgorithm: 1, flags: 1, iterations: 12, salt: hex('aabbccdd') });
    expect(nsec3.nextHashed).toHaveLength(20);
    expect([...nsec3.types]).toEqual([2, 6, 15, 46, 48, 51]);
    expect(encodeNsec3(nsec3)).toEqual(rdata);
    expect(formatRdata(RrType.NSEC3, rdata)).toBe(text);
  });

  it('writes an empty salt as a hyphen', () => {
    const rdata = hex('01 00 0000 00 01 ff');
    expect(formatRdata(RrType.NSEC3, rdata)).toBe('1 0 0 - vs');
    expect(parseRdata(RrType.NSEC3, '1 0 0 - vs')).toEqual(rdata);
  });

  it('has a next hash', () => {
    expect(() => parseNsec3(hex('01 00 0000 00 00'))).toThrow(malformed);
    expect(() => parseNsec3(hex('01 00 0000 00 02 ff'))).toThrow(malformed);
    expect(() => parseNsec3(hex('01 00 0000 00 01 ff'))).not.toThrow();
  });

  it.each(['1 0 0 xyz vs', '1 0 0 - w', '1 0 65536 - vs', '1 0 0 -'])('is not written %j', (text) => {
    expect(() => parseRdata(RrType.NSEC3, text)).toThrow(invalid);
  });
});

describe('NSEC3PARAM', () => {
  it('is read and written whole', () => {
    const rdata = hex('01 00 000c 04 aabbccdd');
    expect(formatRdata(RrType.NSEC3PARAM, rdata)).toBe('1 0 12 aabbccdd');
    expect(parseRdata(RrType.NSEC3PARAM, '1 0 12 AABBCCDD')).toEqual(rdata);
    expect(encodeNsec3Param(parseNsec3Param(rdata))).toEqual(rdata);
    expect(() => parseNsec3Param(hex('01 00 000c 04 aabbccdd 00'))).toThrow(malformed);
  });
});
