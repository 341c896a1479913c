// Which certificates a set of TLSA records accepts: selectors, matching types, usability, names.

import { createHash } from 'node:crypto';
import type { Tlsa } from '@countersign/dns';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { spkiOf } from '../src/certificate.js';
import { TlsError } from '../src/error.js';
import { checkDaneOffline, matchTlsa } from '../src/tlsa-match.js';
import { makeIdentity, publicKeyOf, tlsaOf } from './support/certificates.js';

const honest = makeIdentity({ san: 'DNS:a.example' });
const other = makeIdentity({ san: 'DNS:a.example' });
const rsa = makeIdentity({ san: 'DNS:a.example', rsa: true });
const chain = [honest.der];

const withData = (record: Tlsa, data: Uint8Array): Tlsa => ({ ...record, data });
const flipped = (record: Tlsa): Tlsa =>
  withData(
    record,
    record.data.map((octet, index) => (index === record.data.length - 1 ? octet ^ 1 : octet)),
  );

describe('the SubjectPublicKeyInfo of a certificate', () => {
  test('is the octets that OpenSSL finds, for elliptic-curve and RSA keys', () => {
    for (const identity of [honest, rsa]) {
      expect(Buffer.from(spkiOf(identity.der)).equals(publicKeyOf(identity))).toBe(true);
    }
  });

  test('is refused for every truncation of a certificate and for octets after it', () => {
    for (let length = 0; length < honest.der.length; length++) {
      expect(() => spkiOf(honest.der.subarray(0, length))).toThrow(TlsError);
    }
    expect(() => spkiOf(Uint8Array.of(...honest.der, 0))).toThrow(TlsError);
  });

  test('is found or refused with our own error whatever the octets are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), fc.nat(255), (octets, at, value) => {
        const changed = Uint8Array.from(honest.der);
        changed[at % changed.length] = value;
        for (const der of [octets, changed]) {
          try {
            expect(spkiOf(der).length).toBeLessThanOrEqual(der.length);
          } catch (error) {
            expect(error).toBeInstanceOf(TlsError);
          }
        }
      }),
    );
  });
});

describe('matching', () => {
  for (const selector of [0, 1]) {
    for (const matchingType of [0, 1, 2]) {
      test(`3 ${selector} ${matchingType} matches its certificate and no other`, () => {
        const record = tlsaOf(honest, selector, matchingType);
        expect(matchTlsa([record], chain)).toMatchObject({ verdict: 'match', depth: 0, usage: 3 });
        expect(matchTlsa([record], [other.der]).verdict).toBe('mismatch');
      });
    }
  }

  for (const matchingType of [1, 2]) {
    test(`one changed bit in a digest of type ${matchingType} is a mismatch`, () => {
      expect(matchTlsa([flipped(tlsaOf(honest, 1, matchingType))], chain).verdict).toBe('mismatch');
    });
  }

  test('any record of the set suffices, wherever it stands', () => {
    const wrong = [tlsaOf(other), tlsaOf(rsa), tlsaOf(other, 0, 2)];
    expect(matchTlsa([...wrong, tlsaOf(honest)], chain).verdict).toBe('match');
    expect(matchTlsa([tlsaOf(honest), ...wrong], chain).verdict).toBe('match');
    expect(matchTlsa(wrong, chain).verdict).toBe('mismatch');
  });

  test('a mismatch says what was seen and what was wanted, in full', () => {
    const hex = (record: Tlsa) => Buffer.from(record.data).toString('hex');
    const [wanted, have] = [tlsaOf(other), tlsaOf(honest)];
    const { why, records, seen } = matchTlsa([wanted], chain);
    expect(records).toEqual([`3 1 1 ${hex(wanted)}`]);
    expect(seen).toEqual([`3 1 1 ${hex(have)}`]);
    expect(why).toBe(
      `the leaf does not match the one usable TLSA record: seen 3 1 1 ${hex(have)}; wanted 3 1 1 ${hex(wanted)}`,
    );
    const match = matchTlsa([have], chain);
    expect([match.records, match.seen]).toEqual([undefined, undefined]);
  });

  test('a mismatch shows each selector and matching type that is wanted, and a whole certificate by its digest', () => {
    const { records = [], seen = [] } = matchTlsa(
      [tlsaOf(other, 0, 0), tlsaOf(other, 1, 2), tlsaOf(rsa, 1, 2)],
      chain,
    );
    expect(records.map((text) => text.slice(0, 5))).toEqual(['3 0 0', '3 1 2', '3 1 2']);
    const digest = createHash('sha256').update(honest.der).digest('hex');
    expect(seen).toEqual([
      `3 0 0 ${honest.der.length} octets with SHA-256 ${digest}`,
      `3 1 2 ${Buffer.from(tlsaOf(honest, 1, 2).data).toString('hex')}`,
    ]);
  });

  test('a mismatch with many records shows four of them and counts the rest', () => {
    const many = Array.from({ length: 300 }, () => tlsaOf(other, 1, 2));
    const { why, records, seen } = matchTlsa(many, chain);
    expect(records).toHaveLength(4);
    expect(seen).toHaveLength(1);
    expect(why).toMatch(/^the leaf matches none of the 300 usable TLSA records: .*, and 296 more$/);
    expect(why.length).toBeLessThan(1000);
    expect(matchTlsa(many.slice(0, 4), chain).why).not.toContain('more');
  });

  test('DANE-EE looks at the leaf only, never at another certificate of the chain', () => {
    expect(matchTlsa([tlsaOf(honest)], [other.der, honest.der]).verdict).toBe('mismatch');
    expect(matchTlsa([tlsaOf(honest)], [honest.der, other.der]).verdict).toBe('match');
  });

  test('no records are absent', () => {
    expect(matchTlsa([], chain).verdict).toBe('absent');
  });

  test('usable records without a certificate, or with an unreadable one, are an error', () => {
    expect(matchTlsa([tlsaOf(honest)], []).verdict).toBe('error');
    expect(matchTlsa([tlsaOf(honest)], [honest.der.subarray(0, 40)]).verdict).toBe('error');
  });
});

describe('usability', () => {
  const good = tlsaOf(honest);
  const unusable: readonly (readonly [string, Tlsa])[] = [
    ['usage PKIX-TA(0)', { ...good, usage: 0 }],
    ['usage PKIX-EE(1)', { ...good, usage: 1 }],
    ['usage DANE-TA(2)', { ...good, usage: 2 }],
    ['an unknown usage', { ...good, usage: 4 }],
    ['usage PrivCert(255)', { ...good, usage: 255 }],
    ['an unknown selector', { ...good, selector: 2 }],
    ['an unknown matching type', { ...good, matchingType: 3 }],
    ['a SHA-256 digest one octet short', withData(good, good.data.subarray(1))],
    ['a SHA-256 digest one octet long', withData(good, Uint8Array.of(...good.data, 0))],
    ['an empty digest', withData(good, new Uint8Array())],
    ['a SHA-512 record with a SHA-256 digest', { ...good, matchingType: 2 }],
    ['a full certificate that is none', withData(tlsaOf(honest, 0, 0), Uint8Array.of(1, 2, 3))],
    ['a full certificate cut short', withData(tlsaOf(honest, 0, 0), honest.der.subarray(0, 60))],
    ['a full key that is a certificate', withData(tlsaOf(honest, 1, 0), honest.der)],
    ['an empty full key', withData(tlsaOf(honest, 1, 0), new Uint8Array())],
  ];
  for (const [what, record] of unusable) {
    test(`${what} is unusable alone, and does not disturb a usable record`, () => {
      expect(matchTlsa([record], chain).verdict).toBe('unusable');
      expect(matchTlsa([record, good], chain).verdict).toBe('match');
      expect(matchTlsa([record, good], [other.der]).verdict).toBe('mismatch');
    });
  }

  test('any records at all give a verdict and never throw', () => {
    const octet = fc.integer({ min: 0, max: 4 });
    const record = fc.record({
      usage: octet,
      selector: octet,
      matchingType: octet,
      data: fc.oneof(fc.uint8Array({ maxLength: 70 }), fc.uint8Array({ minLength: 32, maxLength: 32 })),
    });
    fc.assert(
      fc.property(fc.array(record), (records) => {
        expect(['absent', 'unusable', 'mismatch']).toContain(matchTlsa(records, chain).verdict);
      }),
    );
  });
});

describe('checking files', () => {
  const records = [tlsaOf(honest)];

  test('a matching certificate that carries the name is a match, with the final dot too', () => {
    expect(checkDaneOffline({ chain, records, name: 'a.example' }).verdict).toBe('match');
    expect(checkDaneOffline({ chain, records, name: 'a.example.' }).verdict).toBe('match');
  });

  test('a matching certificate for another name is a mismatch, unless names are not checked', () => {
    expect(checkDaneOffline({ chain, records, name: 'b.example' })).toMatchObject({
      verdict: 'mismatch',
      why: expect.stringContaining('does not name b.example; it names DNS:a.example'),
    });
    expect(checkDaneOffline({ chain, records, name: 'b.example', checkNames: false }).verdict).toBe('match');
  });

  test('a name is needed when names are checked', () => {
    expect(checkDaneOffline({ chain, records }).verdict).toBe('error');
    expect(checkDaneOffline({ chain, records, checkNames: false }).verdict).toBe('match');
  });
});
