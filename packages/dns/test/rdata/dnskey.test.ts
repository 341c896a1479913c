// DNSKEY, key tags and DS: the examples of RFC 4034 and the keys of the root.

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DnsName } from '../../src/name.js';
import { encodeDnskey, keyTag, parseDnskey } from '../../src/rdata/dnskey.js';
import { encodeDs, parseDs } from '../../src/rdata/ds.js';
import { formatRdata, parseRdata } from '../../src/rdata/presentation.js';
import { RrType } from '../../src/rrtype.js';
import { hex } from '../hex.js';
import { invalid, malformed } from './rejects.js';

const rfc4034Key = `256 3 5 ( AQOeiiR0GOMYkDshWoSKz9Xz fwJr1AYtsmx3TGkJaNXVbfi/
  2pHm822aJ5iI9BMzNXxeYCmZ DRD99WYwYqUSdjMmmAphXdvx egXd/M5+X7OrzKBaMbCVdFLU
  Uh6DhweJBjEVv5f2wwjM9Xzc nOf+EPbtG9DMBmADjFDc2w/r ljwvFw== ) ; key id = 60485`;

const rootKey2017 = `257 3 8 AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3
  +/4RgWOq7HrxRixHlFlExOLAJr5emLvN7SWXgnLh4+B5xQlNVz8Og8kv ArMtNROxVQuCaSnIDdD5LKyWbRd2n9WGe2R8PzgCmr3EgVLrjyBxWezF
  0jLHwVN8efS3rCj/EWgvIWgb9tarpVUDK/b58Da+sqqls3eNbuv7pr+e oZG+SrDK6nWeL3c6H5Apxz7LjVc1uTIdsIXxuOLYA4/ilBmSVIzuDWfd
  RUfhHdY6+cn8HFRm+2hM8AnXGXws9555KrUB5qihylGa8subX2Nn6UwN R1AkUTV74bU=`;

describe('DNSKEY', () => {
  it('has the key tag and the digest of the example in RFC 4034 section 5.4', () => {
    const key = parseRdata(RrType.DNSKEY, rfc4034Key);
    expect(keyTag(key)).toBe(60485);
    const ds = parseDs(parseRdata(RrType.DS, '60485 5 1 ( 2BB183AF5F22588179A53B0A 98631FAD1A292118 )'));
    const owner = DnsName.parse('dskey.example.com').canonicalWire();
    expect(new Uint8Array(createHash('sha1').update(owner).update(key).digest())).toEqual(ds.digest);
  });

  it('has the key tag of the root key of 2017', () => {
    expect(keyTag(parseRdata(RrType.DNSKEY, rootKey2017))).toBe(20326);
  });

  it('takes the key tag of RSA/MD5 from the modulus (RFC 4034 appendix B.1)', () => {
    expect(keyTag(hex('0100 03 01 01 03 aabbccddee'))).toBe(0xccdd);
    expect(keyTag(hex('0100 03 05 01 03 aabbccddee'))).not.toBe(0xccdd);
  });

  it('carries beyond 16 bits into the key tag', () => {
    expect(keyTag(hex('ffff ffff ffff ffff'))).toBe(0xffff);
  });

  it('is read and written whole', () => {
    const dnskey = { flags: 257, protocol: 3, algorithm: 13, publicKey: hex('0102') };
    expect(parseDnskey(encodeDnskey(dnskey))).toEqual(dnskey);
    expect(formatRdata(RrType.DNSKEY, encodeDnskey(dnskey))).toBe('257 3 13 AQI=');
    expect(() => parseDnskey(hex('0101 03'))).toThrow(malformed);
  });

  it.each(['257 3 13', '257 3 13 AQI', '257 3 256 AQI=', '257 3 thirteen AQI='])(
    'is not written %j',
    (text) => {
      expect(() => parseRdata(RrType.DNSKEY, text)).toThrow(invalid);
    },
  );
});

describe('DS', () => {
  it('is read and written whole', () => {
    const ds = { keyTag: 20326, algorithm: 8, digestType: 2, digest: hex('e06d') };
    expect(parseDs(encodeDs(ds))).toEqual(ds);
    expect(formatRdata(RrType.DS, encodeDs(ds))).toBe('20326 8 2 e06d');
    expect(() => parseDs(hex('0001 08'))).toThrow(malformed);
  });

  it('writes the request to delete of RFC 8078 section 4', () => {
    expect(parseRdata(RrType.CDS, '0 0 0 00')).toEqual(hex('0000 00 00 00'));
    expect(parseRdata(RrType.CDNSKEY, '0 3 0 AA==')).toEqual(hex('0000 03 00 00'));
  });

  it.each(['65536 8 2 00', '1 8 2', '1 8 2 0', '1 8 2 xx', '-1 8 2 00'])('is not written %j', (text) => {
    expect(() => parseRdata(RrType.DS, text)).toThrow(invalid);
    expect(() => parseRdata(RrType.DS, '65535 8 2 00')).not.toThrow();
  });
});
