import { describe, expect, it } from 'vitest';
import { createLookupCache } from '../src/cache.js';
import type { Lookup } from '../src/lookup.js';
import { DnsName } from '../src/name.js';
import { parseRdata } from '../src/rdata/presentation.js';
import { Rcode, RrType } from '../src/rrtype.js';

function lookup(name: string, more: Partial<Lookup> = {}): Lookup {
  const owner = DnsName.parse(name);
  return {
    name: owner,
    type: RrType.A,
    status: 'secure',
    rcode: Rcode.NOERROR,
    answers: [{ name: owner, type: RrType.A, class: 1, ttl: 60, rdata: parseRdata(RrType.A, '192.0.2.1') }],
    why: 'signed by example.',
    chain: [],
    ttl: 60,
    ...more,
  };
}

describe('createLookupCache', () => {
  it('gives back what was kept, TTLs counted down, until they have run out', () => {
    const cache = createLookupCache(10_000);
    const kept = lookup('www.example', { ede: 27, why: 'a reason with an umlaut: ü' });
    cache.set(kept, 60, 1000);
    expect(cache.get(kept.name, RrType.A, 1000)).toEqual(kept);
    const later = cache.get(kept.name, RrType.A, 1059);
    expect(later).toMatchObject({ ttl: 1, ede: 27 });
    expect(later?.answers[0]?.ttl).toBe(1);
    expect(cache.get(kept.name, RrType.A, 1060)).toBeUndefined();
    expect(cache.bytes).toBe(0);
  });

  it('finds a name in whatever case, and tells types apart', () => {
    const cache = createLookupCache(10_000);
    cache.set(lookup('www.example'), 60, 0);
    expect(cache.get(DnsName.parse('WWW.Example'), RrType.A, 0)).toBeDefined();
    expect(cache.get(DnsName.parse('www.example'), RrType.AAAA, 0)).toBeUndefined();
  });

  it('keeps aliases with their own owner names', () => {
    const cache = createLookupCache(10_000);
    const { answers } = lookup('target.example');
    const alias = { ...answers[0], name: DnsName.parse('www.example'), type: RrType.CNAME };
    const whole = lookup('www.example', {
      answers: [
        { class: 1, ttl: 60, ...alias, rdata: parseRdata(RrType.CNAME, 'target.example.') },
        ...answers,
      ],
    });
    cache.set(whole, 60, 0);
    expect(cache.get(whole.name, RrType.A, 0)).toEqual(whole);
  });

  it('does not keep the octets of the datagram alive', () => {
    const cache = createLookupCache(10_000);
    const datagram = Buffer.alloc(4096);
    const kept = lookup('www.example');
    cache.set(
      { ...kept, answers: kept.answers.map((one) => ({ ...one, rdata: datagram.subarray(0, 4) })) },
      60,
      0,
    );
    datagram.fill(0xff);
    expect(cache.get(kept.name, RrType.A, 0)?.answers[0]?.rdata).toEqual(new Uint8Array(4));
  });

  it('keeps nothing for zero seconds, and forgets what was there', () => {
    const cache = createLookupCache(10_000);
    cache.set(lookup('www.example'), 60, 0);
    cache.set(lookup('www.example'), 0, 0);
    expect(cache.size).toBe(0);
    expect(cache.bytes).toBe(0);
  });

  it('never holds more bytes than allowed, and lets the least recently used go', () => {
    const cache = createLookupCache(10_000);
    const name = (index: number) => `host${index}.example`;
    for (let index = 0; index < 1000; index += 1) {
      cache.set(lookup(name(index)), 60, 0);
      cache.get(DnsName.parse(name(0)), RrType.A, 0);
      expect(cache.bytes).toBeLessThanOrEqual(10_000);
    }
    expect(cache.size).toBeGreaterThan(10);
    expect(cache.get(DnsName.parse(name(0)), RrType.A, 0)).toBeDefined();
    expect(cache.get(DnsName.parse(name(1)), RrType.A, 0)).toBeUndefined();
    expect(cache.get(DnsName.parse(name(999)), RrType.A, 0)).toBeDefined();
  });

  it('keeps nothing when it may hold nothing', () => {
    const cache = createLookupCache(0);
    cache.set(lookup('www.example'), 60, 0);
    expect(cache.size).toBe(0);
  });
});
