import { describe, expect, it } from 'vitest';
import { denyByNsec3, noCloserByNsec3, nsec3Hash, type OwnedNsec3 } from '../../src/dnssec/denial-nsec3.js';
import { createBudget, defaultLimits } from '../../src/dnssec/limits.js';
import { DnsName } from '../../src/name.js';
import { fromBase32Hex } from '../../src/rdata/encoding.js';
import { RrType } from '../../src/rrtype.js';

const name = (text: string) => DnsName.parse(text);
const salt = Uint8Array.from([0xaa, 0xbb, 0xcc, 0xdd]);
function hashOf(text: string): Uint8Array {
  const octets = fromBase32Hex(text);
  if (octets === undefined) throw new Error(`${text} is no base32hex`);
  return octets;
}

interface Span {
  readonly optOut?: boolean;
  readonly iterations?: number;
  readonly flags?: number;
}

function nsec3(owner: string, next: string, types: readonly number[], span: Span = {}): OwnedNsec3 {
  return {
    hash: hashOf(owner),
    nsec3: {
      hashAlgorithm: 1,
      flags: span.flags ?? (span.optOut === false ? 0 : 1),
      iterations: span.iterations ?? 12,
      salt,
      nextHashed: hashOf(next),
      types: new Set(types),
    },
  };
}

// Hashes of RFC 5155 appendix A: salt aabbccdd, 12 iterations.
const hashes = {
  'example.': '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom',
  'a.example.': '35mthgpgcu1qg68fab165klnsnk3dpvl',
  'ai.example.': 'gjeqe526plbf1g8mklp59enfd789njgi',
  'ns1.example.': '2t7b4g4vsa5smi47k61mv5bv1a22bojr',
  'ns2.example.': 'q04jkcevqvmu85r014c7dkba38o0ji5r',
  'w.example.': 'k8udemvp1j2f7eg6jebps17vp3n8i58h',
  '*.w.example.': 'r53bq7cc2uvmubfu5ocmm6pers9tk9en',
  'x.w.example.': 'b4um86eghhds6nea196smvmlo4ors995',
  'y.w.example.': 'ji6neoaepv8b5o6k4ev33abha8ht9fgc',
  'x.y.w.example.': '2vptu5timamqttgl4luu9kg21e0aor3s',
  'xx.example.': 't644ebqk9bibcna874givr6joj62mlhv',
};

const { A, AAAA, DNSKEY, DS, MX, NS, SOA } = RrType;

// The chain of that zone, whose records all carry the opt-out flag, as the appendix prints it.
const chain = (span: Span = {}) => ({
  apex: nsec3(hashes['example.'], hashes['ns1.example.'], [MX, DNSKEY, NS, SOA], span),
  ns1: nsec3(hashes['ns1.example.'], hashes['x.y.w.example.'], [A], span),
  xyw: nsec3(hashes['x.y.w.example.'], hashes['a.example.'], [MX], span),
  a: nsec3(hashes['a.example.'], hashes['x.w.example.'], [NS, DS], span),
  xw: nsec3(hashes['x.w.example.'], hashes['ai.example.'], [MX], span),
  ai: nsec3(hashes['ai.example.'], hashes['y.w.example.'], [A, AAAA], span),
  yw: nsec3(hashes['y.w.example.'], hashes['w.example.'], [], span),
  w: nsec3(hashes['w.example.'], hashes['ns2.example.'], [], span),
  ns2: nsec3(hashes['ns2.example.'], hashes['*.w.example.'], [A], span),
  wildcard: nsec3(hashes['*.w.example.'], hashes['xx.example.'], [MX], span),
  xx: nsec3(hashes['xx.example.'], hashes['example.'], [A, AAAA], span),
});
const zone = chain();
const apex = name('example');
const budget = () => createBudget(defaultLimits);

function deny(records: readonly OwnedNsec3[], owner: string, type: number) {
  return denyByNsec3(records, apex, name(owner), type, budget());
}

describe('nsec3Hash', () => {
  it.each(Object.entries(hashes))('hashes %s as RFC 5155 appendix A does', (owner, hash) => {
    expect(Buffer.from(nsec3Hash(name(owner), salt, 12))).toEqual(Buffer.from(hashOf(hash)));
  });
});

describe('denyByNsec3', () => {
  it('proves a name error by closest encloser, next closer name and wildcard (RFC 5155 B.1)', () => {
    const records = [zone.apex, zone.xyw, zone.a];
    expect(deny(records, 'a.c.x.w.example', A)).toMatchObject({ proves: 'nothing' });
    expect(deny([zone.xw, zone.apex, zone.a], 'a.c.x.w.example', A)).toMatchObject({
      proves: 'nxdomain',
      optOut: true,
    });
  });

  it('says whether the span was an opt-out one', () => {
    const { xw, apex: top, a } = chain({ optOut: false });
    expect(deny([xw, top, a], 'a.c.x.w.example', A)).toEqual({ proves: 'nxdomain', optOut: false });
  });

  it('proves NODATA by the record at the name (RFC 5155 B.2), also of an empty non-terminal (B.2.1)', () => {
    expect(deny([zone.ns1], 'ns1.example', MX)).toMatchObject({ proves: 'nodata', optOut: false });
    expect(deny([zone.yw], 'y.w.example', A)).toMatchObject({ proves: 'nodata' });
    expect(deny([zone.ns1], 'ns1.example', A)).toMatchObject({ proves: 'nothing' });
  });

  it('takes the absence of a DS in an opt-out span for an unsigned delegation (RFC 5155 B.3)', () => {
    expect(deny([zone.apex, zone.a], 'c.example', DS)).toMatchObject({
      proves: 'nodata',
      delegation: true,
      optOut: true,
    });
    const { apex: top, a } = chain({ optOut: false });
    expect(deny([top, a], 'c.example', DS)).not.toMatchObject({ optOut: true });
  });

  it('proves NODATA of a wildcard (RFC 5155 B.5)', () => {
    const records = [zone.w, zone.ns2, zone.wildcard];
    expect(deny(records, 'a.z.w.example', AAAA)).toMatchObject({ proves: 'nodata', delegation: false });
    expect(deny(records, 'a.z.w.example', MX)).toMatchObject({ proves: 'nothing' });
  });

  it('never lets the record above a zone cut be the closest encloser (RFC 6840 section 4.1)', () => {
    const cut = chain({ optOut: false });
    const all = Object.values(cut);
    expect(deny(all, 'www.a.example', A)).toMatchObject({ proves: 'nothing' });
    const uncut = [
      ...all.filter((record) => record !== cut.a),
      nsec3(hashes['a.example.'], hashes['x.w.example.'], [A], { optOut: false }),
    ];
    expect(deny(uncut, 'www.a.example', A)).not.toMatchObject({ proves: 'nothing' });
  });

  it('never lets the record below a zone cut deny a DS', () => {
    expect(deny([zone.apex], 'example', DS)).toMatchObject({ proves: 'nothing' });
    expect(deny([zone.apex], 'example', A)).toMatchObject({ proves: 'nodata' });
  });

  it('ignores records with unknown flags or an unknown hash (RFC 5155 section 8.1 and 8.2)', () => {
    const odd = nsec3(hashes['ns1.example.'], hashes['x.y.w.example.'], [A], { flags: 2 });
    expect(deny([odd], 'ns1.example', MX)).toMatchObject({ proves: 'nothing' });
    const unknown = { ...zone.ns1, nsec3: { ...zone.ns1.nsec3, hashAlgorithm: 2 } };
    expect(deny([unknown], 'ns1.example', MX)).toMatchObject({ proves: 'nothing' });
  });

  it('treats a zone with more than 150 iterations as insecure, with EDE 27 (RFC 9276 section 3.2)', () => {
    const heavy = nsec3(hashes['ns1.example.'], hashes['x.y.w.example.'], [A], { iterations: 151 });
    expect(deny([heavy], 'ns1.example', MX)).toMatchObject({ proves: 'insecure', ede: 27 });
    const bearable = nsec3(hashes['ns1.example.'], hashes['x.y.w.example.'], [A], { iterations: 150 });
    expect(deny([bearable], 'ns1.example', MX)).toMatchObject({ proves: 'nothing' });
  });

  it('stops at the cap on hashes (CVE-2023-50868)', () => {
    const tight = createBudget({ ...defaultLimits, maxNsec3Hashes: 3 });
    const deep = name('a.b.c.d.e.f.example');
    expect(() => denyByNsec3([zone.ns1], apex, deep, A, tight)).toThrowError(
      expect.objectContaining({ code: 'ERR_DNSSEC_LIMIT' }),
    );
    const wide = createBudget({ ...defaultLimits, maxNsec3Hashes: 8 });
    expect(denyByNsec3([zone.ns1], apex, deep, A, wide)).toMatchObject({ proves: 'nothing' });
  });
});

describe('noCloserByNsec3', () => {
  it('proves that a wildcard answered rightly (RFC 5155 B.4)', () => {
    const proof = noCloserByNsec3([zone.ns2], name('a.z.w.example'), name('w.example'), budget());
    expect(proof).toMatchObject({ proven: true, optOut: true });
  });

  it('refuses a span that does not hold the next closer name', () => {
    const proof = noCloserByNsec3([zone.ns1], name('a.z.w.example'), name('w.example'), budget());
    expect(proof).toMatchObject({ proven: false, insecure: false });
  });
});
