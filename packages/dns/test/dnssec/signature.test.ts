import { describe, expect, it } from 'vitest';
import { dsDigest } from '../../src/dnssec/algorithm.js';
import { createBudget, defaultLimits } from '../../src/dnssec/limits.js';
import { groupRrsets, type Rrset } from '../../src/dnssec/rrset.js';
import { type SignatureContext, signedData, toZoneKey, verifyRrset } from '../../src/dnssec/signature.js';
import { DnsName } from '../../src/name.js';
import { parseDs } from '../../src/rdata/ds.js';
import { parseRdata } from '../../src/rdata/presentation.js';
import { encodeRrsig, type Rrsig } from '../../src/rdata/rrsig.js';
import { RrClass, RrType } from '../../src/rrtype.js';

const octets = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));

interface Vector {
  readonly zone: string;
  readonly owner: string;
  readonly type: number;
  readonly rdata: string;
  readonly dnskey: string;
  readonly ds?: string;
  readonly rrsig: Pick<Rrsig, 'algorithm' | 'labels' | 'expiration' | 'inception' | 'keyTag'>;
  readonly signature: string;
}

const seconds = (iso: string) => Date.parse(iso) / 1000;

const vectors: Readonly<Record<string, Vector>> = {
  'RFC 5702 section 6.1, RSA/SHA-256': {
    zone: 'example.net',
    owner: 'www.example.net',
    type: RrType.A,
    rdata: '192.0.2.91',
    dnskey:
      '256 3 8 AwEAAcFcGsaxxdgiuuGmCkVImy4h99CqT7jwY3pexPGcnUFtR2Fh36BponcwtkZ4cAgtvd4Qs8PkxUdp6p/DlUmObdk=',
    rrsig: {
      algorithm: 8,
      labels: 3,
      expiration: seconds('2030-01-01T00:00:00Z'),
      inception: seconds('2000-01-01T00:00:00Z'),
      keyTag: 9033,
    },
    signature: 'kRCOH6u7l0QGy9qpC9l1sLncJcOKFLJ7GhiUOibu4teYp5VE9RncriShZNz85mwlMgNEacFYK/lPtPiVYP4bwg==',
  },
  'RFC 6605 section 6.1, ECDSA P-256': {
    zone: 'example.net',
    owner: 'www.example.net',
    type: RrType.A,
    rdata: '192.0.2.1',
    dnskey:
      '257 3 13 GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==',
    ds: '55648 13 2 b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17',
    rrsig: {
      algorithm: 13,
      labels: 3,
      expiration: seconds('2010-09-09T10:04:39Z'),
      inception: seconds('2010-08-12T10:04:39Z'),
      keyTag: 55648,
    },
    signature: 'qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw==',
  },
  'RFC 6605 section 6.2, ECDSA P-384': {
    zone: 'example.net',
    owner: 'www.example.net',
    type: RrType.A,
    rdata: '192.0.2.1',
    dnskey:
      '257 3 14 xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8/uX45NBwY8rp65F6Glur8I/mlVNgF6W/qTI37m40',
    ds: '10771 14 4 72d7b62976ce06438e9c0bf319013cf801f09ecc84b8d7e9495f27e305c6a9b0563a9b5f4d288405c3008a946df983d6',
    rrsig: {
      algorithm: 14,
      labels: 3,
      expiration: seconds('2010-09-09T10:20:25Z'),
      inception: seconds('2010-08-12T10:20:25Z'),
      keyTag: 10771,
    },
    signature:
      '/L5hDKIvGDyI1fcARX3z65qrmPsVz73QD1Mr5CEqOiLP95hxQouuroGCeZOvzFaxsT8Glr74hbavRKayJNuydCuzWTSSPdz7wnqXL5bdcJzusdnI0RSMROxxwGipWcJm',
  },
  'RFC 8080 section 6.1, Ed25519': {
    zone: 'example.com',
    owner: 'example.com',
    type: RrType.MX,
    rdata: '10 mail.example.com.',
    dnskey: '257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=',
    ds: '3613 15 2 3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b1964ab55c78e79a304b',
    rrsig: { algorithm: 15, labels: 2, expiration: 1440021600, inception: 1438207200, keyTag: 3613 },
    signature: 'oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqNAg==',
  },
  'RFC 8080 section 6.2, Ed448': {
    zone: 'example.com',
    owner: 'example.com',
    type: RrType.MX,
    rdata: '10 mail.example.com.',
    dnskey: '257 3 16 3kgROaDjrh0H2iuixWBrc8g2EpBBLCdGzHmn+G2MpTPhpj/OiBVHHSfPodx1FYYUcJKm1MDpJtIA',
    ds: '9713 16 2 6ccf18d5bc5d7fc2fceb1d59d17321402f2aa8d368048db93dd811f5cb2b19c7',
    rrsig: { algorithm: 16, labels: 2, expiration: 1440021600, inception: 1438207200, keyTag: 9713 },
    signature:
      '3cPAHkmlnxcDHMyg7vFC34l0blBhuG1qpwLmjInI8w1CMB29FkEAIJUA0amxWndkmnBZ6SKiwZSAxGILn/NBtOXft0+Gj7FSvOKxE/07+4RQvE581N3Aj/JtIyaiYVdnYtyMWbSNyGEY2213WKsJlwEA',
  },
};

interface Changes {
  readonly rrsig?: Partial<Rrsig>;
  readonly owner?: string;
  readonly rdata?: readonly string[];
  readonly dnskeyRdata?: readonly Uint8Array[];
  readonly context?: Partial<SignatureContext>;
}

function verifyVector(vector: Vector, changes: Changes = {}) {
  const zone = DnsName.parse(vector.zone);
  const name = DnsName.parse(changes.owner ?? vector.owner);
  const rrsig: Rrsig = {
    typeCovered: vector.type,
    originalTtl: 3600,
    signer: zone,
    signature: octets(vector.signature),
    ...vector.rrsig,
    ...changes.rrsig,
  };
  const base = { name, class: RrClass.IN, ttl: 3600 };
  const [rrset] = groupRrsets([
    ...(changes.rdata ?? [vector.rdata]).map((text) => ({
      ...base,
      type: vector.type,
      rdata: parseRdata(vector.type, text),
    })),
    { ...base, type: RrType.RRSIG, rdata: encodeRrsig(rrsig) },
  ]);
  if (rrset === undefined) throw new Error('no RRset');
  return verifyRrset(rrset, {
    zone,
    keys: (changes.dnskeyRdata ?? [parseRdata(RrType.DNSKEY, vector.dnskey)]).map(toZoneKey),
    now: vector.rrsig.inception + 60,
    skew: 0,
    acceptSha1: false,
    budget: createBudget(defaultLimits),
    ...changes.context,
  });
}

const p256 = vectors['RFC 6605 section 6.1, ECDSA P-256'];
if (p256 === undefined) throw new Error('the vector is gone');
const p256Key = parseRdata(RrType.DNSKEY, p256.dnskey);

describe('verifyRrset', () => {
  it.each(Object.entries(vectors))('verifies the signature of %s', (_name, vector) => {
    expect(verifyVector(vector)).toEqual({ ok: true, ttl: 3600 });
    const [first = 0] = octets(vector.signature);
    const changed = octets(vector.signature);
    changed[0] = first ^ 1;
    expect(verifyVector(vector, { rrsig: { signature: changed } })).toMatchObject({ ok: false, ede: 6 });
  });

  it('lets the letters of the owner’s name be of either case', () => {
    expect(verifyVector(p256, { owner: 'WWW.Example.NET' })).toMatchObject({ ok: true });
    expect(verifyVector(p256, { owner: 'wwx.example.net' })).toMatchObject({ ok: false });
  });

  it('counts a repeated record once (RFC 4034 section 6.3)', () => {
    expect(verifyVector(p256, { rdata: ['192.0.2.1', '192.0.2.1'] })).toMatchObject({ ok: true });
    expect(verifyVector(p256, { rdata: ['192.0.2.1', '192.0.2.2'] })).toMatchObject({ ok: false });
  });

  it('limits the TTL to the signature’s remaining life', () => {
    const { expiration } = p256.rrsig;
    expect(verifyVector(p256, { context: { now: expiration - 10 } })).toEqual({ ok: true, ttl: 10 });
  });

  it('compares times in serial arithmetic (RFC 4034 section 3.1.5)', () => {
    const wrapped = { inception: 0xfffffff0, expiration: 0x20 };
    const inside = verifyVector(p256, { rrsig: wrapped, context: { now: 0x100000010 } });
    expect(inside).toMatchObject({ ok: false, ede: 6 });
    const outside = verifyVector(p256, { rrsig: wrapped, context: { now: 0x100000021 } });
    expect(outside).toMatchObject({ ok: false, ede: 7 });
  });

  it('refuses a signature that expires before it becomes valid (EDE 25)', () => {
    const { inception, expiration } = p256.rrsig;
    const result = verifyVector(p256, { rrsig: { inception: expiration, expiration: inception } });
    expect(result).toMatchObject({ ok: false, ede: 25 });
  });

  it('refuses more labels than the name has, and a wildcard above the zone', () => {
    expect(verifyVector(p256, { rrsig: { labels: 4 } })).toMatchObject({ ok: false, ede: 6 });
    expect(verifyVector(p256, { rrsig: { labels: 1 } })).toMatchObject({ ok: false, ede: 6 });
  });

  it('refuses a signer that is not the zone', () => {
    const signer = DnsName.parse('net');
    expect(verifyVector(p256, { rrsig: { signer } })).toMatchObject({ ok: false, ede: 10 });
  });

  it('refuses a key without the zone-key flag, a revoked one, and one of another protocol (EDE 11)', () => {
    const changed = (position: number, bit: number) => {
      const rdata = Uint8Array.from(p256Key);
      rdata[position] = (rdata[position] ?? 0) ^ bit;
      return rdata;
    };
    for (const rdata of [changed(0, 1), changed(1, 0x80), changed(2, 1)]) {
      const { tag: keyTag } = toZoneKey(rdata);
      const result = verifyVector(p256, { dnskeyRdata: [rdata], rrsig: { keyTag } });
      expect(result).toMatchObject({ ok: false, ede: 11 });
    }
  });

  it('says that the key is missing when no tag fits (EDE 9)', () => {
    expect(verifyVector(p256, { rrsig: { keyTag: 1 } })).toMatchObject({ ok: false, ede: 9 });
    expect(verifyVector(p256, { dnskeyRdata: [] })).toMatchObject({ ok: false, ede: 9 });
  });

  it('tries every key with the tag', () => {
    // Exchanging two 16-bit words of the key keeps the tag (RFC 4034 appendix B).
    const twin = Uint8Array.from(p256Key);
    twin.set(p256Key.subarray(6, 8), 4);
    twin.set(p256Key.subarray(4, 6), 6);
    expect(toZoneKey(twin).tag).toBe(p256.rrsig.keyTag);
    expect(verifyVector(p256, { dnskeyRdata: [twin, p256Key] })).toMatchObject({ ok: true });
    expect(verifyVector(p256, { dnskeyRdata: [twin] })).toMatchObject({ ok: false });
  });

  it('treats SHA-1 algorithms as unsupported unless told otherwise (EDE 1)', () => {
    const result = verifyVector(p256, { rrsig: { algorithm: 7 } });
    expect(result).toMatchObject({ ok: false, ede: 1 });
    const accepted = verifyVector(p256, { rrsig: { algorithm: 7 }, context: { acceptSha1: true } });
    expect(accepted).toMatchObject({ ok: false, ede: 9 });
  });
});

describe('dsDigest', () => {
  it.each(Object.entries(vectors).filter(([, { ds }]) => ds))('matches the DS of %s', (_name, vector) => {
    const ds = parseDs(parseRdata(RrType.DS, vector.ds ?? ''));
    const dnskey = parseRdata(RrType.DNSKEY, vector.dnskey);
    const digest = dsDigest(ds.digestType, DnsName.parse(vector.zone).canonicalWire(), dnskey);
    expect(Buffer.from(digest ?? [])).toEqual(Buffer.from(ds.digest));
    expect(toZoneKey(dnskey).tag).toBe(ds.keyTag);
  });

  it('knows no other digest types', () => {
    expect(dsDigest(3, DnsName.root.wire, p256Key)).toBeUndefined();
  });
});

describe('signedData', () => {
  it('writes the wildcard that an expanded name came from (RFC 4035 section 5.3.2)', () => {
    const zone = DnsName.parse('example.net');
    const rrset: Rrset = {
      name: DnsName.parse('a.b.example.net'),
      type: RrType.A,
      ttl: 60,
      records: [
        {
          name: DnsName.parse('a.b.example.net'),
          type: 1,
          class: 1,
          ttl: 60,
          rdata: parseRdata(1, '192.0.2.1'),
        },
      ],
      signatures: [],
    };
    const rrsig: Rrsig = {
      ...p256.rrsig,
      typeCovered: RrType.A,
      originalTtl: 60,
      signer: zone,
      labels: 2,
      signature: new Uint8Array(0),
    };
    const text = Buffer.from(signedData(rrset, rrsig)).toString('latin1');
    expect(text).toContain(Buffer.from(DnsName.parse('*.example.net').wire).toString('latin1'));
    expect(text).not.toContain('\x01b');
  });
});
