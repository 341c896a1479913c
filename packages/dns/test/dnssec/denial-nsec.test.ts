import { describe, expect, it } from 'vitest';
import { denyByNsec, noCloserByNsec, type OwnedNsec } from '../../src/dnssec/denial-nsec.js';
import { DnsName } from '../../src/name.js';
import { RrType } from '../../src/rrtype.js';

const name = (text: string) => DnsName.parse(text);

function nsec(owner: string, next: string, ...types: readonly number[]): OwnedNsec {
  return {
    owner: name(owner),
    nsec: { next: name(next), types: new Set([...types, RrType.NSEC, RrType.RRSIG]) },
  };
}

// The NSEC chain of the example zone of RFC 4035 appendix A.
const { A, AAAA, CNAME, DNAME, DNSKEY, DS, MX, NS, SOA } = RrType;
const zone = {
  apex: nsec('example', 'a.example', NS, SOA, MX, DNSKEY),
  a: nsec('a.example', 'ai.example', NS, DS),
  ai: nsec('ai.example', 'b.example', A, AAAA),
  b: nsec('b.example', 'ns1.example', NS),
  ns1: nsec('ns1.example', 'ns2.example', A),
  ns2: nsec('ns2.example', '*.w.example', A),
  wildcard: nsec('*.w.example', 'x.w.example', MX),
  xw: nsec('x.w.example', 'x.y.w.example', MX),
  xyw: nsec('x.y.w.example', 'xx.example', MX),
  xx: nsec('xx.example', 'example', A, AAAA),
};

describe('denyByNsec', () => {
  it('proves a name error with a span over the name and one over the wildcard (RFC 4035 B.2)', () => {
    expect(denyByNsec([zone.b, zone.apex], name('ml.example'), A)).toEqual({
      proves: 'nxdomain',
      optOut: false,
    });
  });

  it('proves nothing when the wildcard is not denied', () => {
    expect(denyByNsec([zone.b], name('ml.example'), A)).toMatchObject({ proves: 'nothing' });
  });

  it('proves NODATA by the record at the name (RFC 4035 B.3)', () => {
    expect(denyByNsec([zone.ns1], name('ns1.example'), MX)).toMatchObject({ proves: 'nodata' });
  });

  it('proves nothing when the record at the name lists the type, or an alias', () => {
    expect(denyByNsec([zone.ns1], name('ns1.example'), A)).toMatchObject({ proves: 'nothing' });
    const alias = nsec('ns1.example', 'ns2.example', CNAME);
    expect(denyByNsec([alias], name('ns1.example'), MX)).toMatchObject({ proves: 'nothing' });
  });

  it('proves NODATA of an empty non-terminal by a span that ends below it', () => {
    expect(denyByNsec([zone.xw], name('y.w.example'), A)).toMatchObject({ proves: 'nodata' });
  });

  it('proves NODATA of a wildcard (RFC 4035 B.7), and nothing when the wildcard owns the type', () => {
    const records = [zone.xyw, zone.wildcard];
    expect(denyByNsec(records, name('a.z.w.example'), A)).toMatchObject({
      proves: 'nodata',
      delegation: false,
    });
    expect(denyByNsec(records, name('a.z.w.example'), MX)).toMatchObject({ proves: 'nothing' });
  });

  it('tells an unsigned delegation from a name that is none by the NS bit (RFC 4035 B.5)', () => {
    expect(denyByNsec([zone.b], name('b.example'), DS)).toMatchObject({ proves: 'nodata', delegation: true });
    expect(denyByNsec([zone.ns1], name('ns1.example'), DS)).toMatchObject({
      proves: 'nodata',
      delegation: false,
    });
  });

  it('never lets the record above a zone cut deny what lies at or below the cut (RFC 6840 section 4.1)', () => {
    expect(denyByNsec([zone.b], name('b.example'), A)).toMatchObject({ proves: 'nothing' });
    expect(denyByNsec([zone.b, zone.apex], name('www.b.example'), A)).toMatchObject({ proves: 'nothing' });
    const noCut = nsec('b.example', 'ns1.example', A);
    expect(denyByNsec([noCut, zone.apex], name('www.b.example'), A)).toMatchObject({ proves: 'nxdomain' });
  });

  it('never lets a DNAME deny what lies below it', () => {
    const dname = nsec('b.example', 'ns1.example', DNAME);
    expect(denyByNsec([dname], name('www.b.example'), A)).toMatchObject({ proves: 'nothing' });
  });

  it('never lets the record below a zone cut deny a DS, but at the root', () => {
    expect(denyByNsec([zone.apex], name('example'), DS)).toMatchObject({ proves: 'nothing' });
    const root = nsec('.', 'example', NS, SOA);
    expect(denyByNsec([root], name('.'), DS)).toMatchObject({ proves: 'nodata' });
  });

  it('lets the last record of the zone span to its end, and no other', () => {
    const records = [zone.xx, zone.apex];
    expect(denyByNsec(records, name('zz.example'), A)).toMatchObject({ proves: 'nxdomain' });
    expect(denyByNsec([zone.ns1, zone.apex], name('zz.example'), A)).toMatchObject({ proves: 'nothing' });
  });
});

describe('noCloserByNsec', () => {
  it('proves that a wildcard answered rightly (RFC 4035 B.6)', () => {
    const proof = noCloserByNsec([zone.xyw], name('a.z.w.example'), name('w.example'));
    expect(proof).toMatchObject({ proven: true });
  });

  it('refuses a wildcard that a closer name rules out', () => {
    // y.w.example exists as an empty non-terminal, so *.w.example may not answer for a name below it.
    const proof = noCloserByNsec([zone.xyw], name('z.y.w.example'), name('w.example'));
    expect(proof).toMatchObject({ proven: false });
    expect(noCloserByNsec([zone.xyw], name('z.y.w.example'), name('y.w.example'))).toMatchObject({
      proven: true,
    });
  });

  it('refuses a span that does not hold the name', () => {
    expect(noCloserByNsec([zone.ns1], name('a.z.w.example'), name('w.example'))).toMatchObject({
      proven: false,
    });
  });
});
