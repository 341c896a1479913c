import { type DnsName, parseNsec, parseRdata, parseRrsig, parseSoa, RrType } from '@countersign/dns';
import { describe, expect, it } from 'vitest';
import { Zone } from '../src/zone.js';

const day = 24 * 3600;
const loopback = parseRdata(RrType.A, '127.0.0.1');

function rrset(zone: Zone, name: DnsName, type: number) {
  const found = zone.current().node(name)?.rrsets.get(type);
  if (found === undefined) throw new TypeError(`no such records at ${name}`);
  return found;
}

function serial(zone: Zone): number {
  const [rdata] = rrset(zone, zone.origin, RrType.SOA).rdata;
  return parseSoa(rdata ?? new Uint8Array()).serial;
}

function signature(zone: Zone, name: DnsName, type: number) {
  const [rdata] = rrset(zone, name, type).signatures;
  return parseRrsig(rdata ?? new Uint8Array());
}

describe('Zone', () => {
  it('has signatures from an hour before the clock to seven days after it', () => {
    const zone = new Zone('example', { clock: () => 1_800_000_000_000 });
    expect(signature(zone, zone.origin, RrType.SOA)).toMatchObject({
      inception: 1_800_000_000 - 3600,
      expiration: 1_800_000_000 + 7 * day,
    });
  });

  it('signs anew in the second half of the signatures’ life, and when the clock goes back before it', () => {
    let now = 1_800_000_000;
    const zone = new Zone('example', { clock: () => now * 1000 });
    expect(serial(zone)).toBe(1);
    now += 3 * day;
    expect(serial(zone)).toBe(1);
    now += day;
    expect(serial(zone)).toBe(2);
    now -= 30 * day;
    expect(serial(zone)).toBe(3);
  });

  it('raises its serial and closes the NSEC chain anew at every edit', () => {
    const zone = new Zone('example');
    const next = (): string => {
      const [rdata] = rrset(zone, zone.origin, RrType.NSEC).rdata;
      return parseNsec(rdata ?? new Uint8Array()).next.toString();
    };
    expect(next()).toBe('example.');
    zone.set('a.example', RrType.A, [loopback]);
    expect([next(), serial(zone)]).toEqual(['a.example.', 2]);
    zone.remove('a.example', RrType.A);
    expect([next(), serial(zone)]).toEqual(['example.', 3]);
  });

  it('signs DNSKEY with the key that the DS record names, and the rest with the other', () => {
    const zone = new Zone('example');
    const [ds] = zone.ds;
    const kskTag = Buffer.from(ds ?? []).readUInt16BE(0);
    expect(signature(zone, zone.origin, RrType.DNSKEY).keyTag).toBe(kskTag);
    expect(signature(zone, zone.origin, RrType.SOA).keyTag).not.toBe(kskTag);
  });

  it('signs DS and NSEC at a delegation, but not NS, and nothing below it', () => {
    const zone = new Zone('example');
    const child = new Zone('sub.example');
    zone.delegate(child);
    zone.set('ns.sub.example', RrType.A, [loopback]);
    const signed = (name: DnsName, type: number) => rrset(zone, name, type).signatures.length;
    expect(signed(child.origin, RrType.DS)).toBe(1);
    expect(signed(child.origin, RrType.NSEC)).toBe(1);
    expect(signed(child.origin, RrType.NS)).toBe(0);
    const glue = zone.current().node(child.origin.prepend('ns'));
    expect([...(glue?.rrsets.keys() ?? [])]).toEqual([RrType.A]);
    expect(glue?.rrsets.get(RrType.A)?.signatures).toEqual([]);
  });

  it('has neither keys, signatures nor proofs when it is made unsigned', () => {
    const zone = new Zone('example', { signed: false });
    expect(zone.ds).toEqual([]);
    const sets = [...(zone.current().node(zone.origin)?.rrsets.values() ?? [])];
    expect(sets.map(({ type }) => type)).toEqual([RrType.SOA, RrType.NS]);
    expect(sets.flatMap(({ signatures }) => signatures)).toEqual([]);
  });

  it('refuses a record of another zone', () => {
    const zone = new Zone('example');
    expect(() => zone.set('a.other', RrType.A, [loopback])).toThrowError(
      expect.objectContaining({ code: 'ERR_LAB_NAME_OUTSIDE_ZONE' }),
    );
    expect(() => zone.set('a.example', RrType.A, [loopback])).not.toThrow();
  });
});
