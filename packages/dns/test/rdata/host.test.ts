// The types that lead to a host: NS and its like, SOA, MX, SRV, and TXT and TLSA beside them.

import { describe, expect, it } from 'vitest';
import { encodeMx, parseMx } from '../../src/rdata/mx.js';
import { formatRdata, parseRdata } from '../../src/rdata/presentation.js';
import { encodeSoa, parseSoa } from '../../src/rdata/soa.js';
import { encodeSrv, parseSrv } from '../../src/rdata/srv.js';
import { encodeTarget, parseTarget } from '../../src/rdata/target.js';
import { RrType } from '../../src/rrtype.js';
import { hex } from '../hex.js';
import { invalid, malformed } from './rejects.js';

describe('NS, CNAME, PTR and DNAME', () => {
  it.each([RrType.NS, RrType.CNAME, RrType.PTR, RrType.DNAME])('type %d is one name', (type) => {
    const rdata = parseRdata(type, 'ns1.example');
    expect(rdata).toEqual(hex('036e7331 076578616d706c65 00'));
    expect(formatRdata(type, rdata)).toBe('ns1.example.');
    expect(encodeTarget(parseTarget(rdata))).toEqual(rdata);
    expect(() => parseRdata(type, 'ns1.example ns2.example')).toThrow(invalid);
    expect(() => parseRdata(type, 'ns1..example')).toThrow(invalid);
    expect(() => parseRdata(type, '')).toThrow(invalid);
  });
});

describe('SOA', () => {
  const text = 'ns1.example. host\\.master.example. 2026112101 7200 3600 1209600 300';

  it('is read and written whole', () => {
    const rdata = parseRdata(RrType.SOA, text);
    expect(parseSoa(rdata)).toMatchObject({
      serial: 2026112101,
      refresh: 7200,
      retry: 3600,
      expire: 1209600,
      minimum: 300,
    });
    expect(encodeSoa(parseSoa(rdata))).toEqual(rdata);
    expect(formatRdata(RrType.SOA, rdata)).toBe(text);
    expect(() => parseSoa(rdata.subarray(0, -1))).toThrow(malformed);
    expect(() => parseSoa(new Uint8Array([...rdata, 0]))).toThrow(malformed);
  });

  it('is not written with a number missing or beyond 32 bits', () => {
    expect(() => parseRdata(RrType.SOA, text.replace(' 300', ''))).toThrow(invalid);
    expect(() => parseRdata(RrType.SOA, text.replace(' 300', ' 4294967296'))).toThrow(invalid);
    expect(() => parseRdata(RrType.SOA, text.replace(' 300', ' 4294967295'))).not.toThrow();
  });
});

describe('MX and SRV', () => {
  it('are read and written whole', () => {
    const mx = parseRdata(RrType.MX, '10 mail.example');
    expect(parseMx(mx).preference).toBe(10);
    expect(encodeMx(parseMx(mx))).toEqual(mx);
    expect(formatRdata(RrType.MX, mx)).toBe('10 mail.example.');
    const srv = parseRdata(RrType.SRV, '1 2 443 srv.example');
    expect(parseSrv(srv)).toMatchObject({ priority: 1, weight: 2, port: 443 });
    expect(encodeSrv(parseSrv(srv))).toEqual(srv);
    expect(formatRdata(RrType.SRV, srv)).toBe('1 2 443 srv.example.');
  });

  it('end with their name', () => {
    expect(() => parseMx(hex('000a 00 00'))).toThrow(malformed);
    expect(() => parseMx(hex('000a 00'))).not.toThrow();
    expect(() => parseSrv(hex('0001 0002 0003 00 00'))).toThrow(malformed);
    expect(() => parseSrv(hex('0001 0002 0003 00'))).not.toThrow();
  });
});
