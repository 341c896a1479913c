import { describe, expect, it } from 'vitest';
import { closestAnchor, parseAnchors, rootAnchors } from '../../src/dnssec/anchors.js';
import { DnsName } from '../../src/name.js';

const ksk2017 = '20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D';
// The root's KSK-2024 as a DNSKEY record; its SHA-256 digest is the built-in DS.
const ksk2024 =
  '257 3 8 AwEAAa96jeuknZlaeSrvyAJj6ZHv28hhOKkx3rLGXVaC6rXTsDc449/cidltpkyGwCJNnOAlFNKF2jBosZBU5eeHspaQWOmOElZsjICMQMC3aeHbGiShvZsx4wMYSjH8e7Vrhbu6irwCzVBApESjbUdpWWmEnhathWu1jo+siFUiRAAxm9qyJNg/wOZqqzL/dL/q8PkcRU5oUKEpUge71M3ej2/7CPqpdVwuMoTvoB+ZOT4YeGyxMvHmbrxlFzGOHOijtzN+u1TQNatX2XBuzZNQ1K+s2CXkPIZo7s6JgZyvaBevYtxPvYLw4z9mR7K2vaF18UYH9Z9GNUUeayffKC73PYc=';

describe('the built-in anchors', () => {
  it('are the root’s KSK-2017 and KSK-2024', () => {
    const [root] = rootAnchors;
    expect(root?.zone.equals(DnsName.root)).toBe(true);
    expect(root?.ds.map(({ keyTag, algorithm }) => [keyTag, algorithm])).toEqual([
      [20326, 8],
      [38696, 8],
    ]);
    const [fromKey] = parseAnchors(`. IN DNSKEY ${ksk2024}`);
    expect(fromKey?.ds[0]).toEqual(root?.ds[1]);
  });
});

describe('parseAnchors', () => {
  it('reads DS and DNSKEY lines with or without TTL and class, comments and parentheses', () => {
    const anchors = parseAnchors(
      [
        '; the root',
        `. IN DS ${ksk2017}`,
        `. 86400 IN DNSKEY ${ksk2024} ; tag 38696`,
        'example.com. DS 1 13 2 (',
        `  ${'ab'.repeat(32)} )`,
        '',
      ].join('\n'),
    );
    expect(anchors.map(({ zone, ds }) => [`${zone}`, ds.map(({ keyTag }) => keyTag)])).toEqual([
      ['.', [20326, 38696]],
      ['example.com.', [1]],
    ]);
  });

  it.each([
    ['a line of another type', '. IN A 192.0.2.1', 'Line 1'],
    ['a broken digest', `. IN DS ${ksk2017}\n. IN DS 1 8 2 zz`, 'Line 2'],
    ['a digest of the wrong length', '. IN DS 1 8 2 abcd', 'Line 1'],
    ['an open parenthesis', `. IN DS (${ksk2017}`, 'Line 1'],
    ['nothing at all', '; empty', 'no DS or DNSKEY'],
  ])('refuses %s and says where', (_what, text, where) => {
    expect(() => parseAnchors(text)).toThrowError(
      expect.objectContaining({ code: 'ERR_DNS_CONFIG', message: expect.stringContaining(where) }),
    );
  });
});

describe('closestAnchor', () => {
  it('takes the anchor nearest above the name', () => {
    const anchors = parseAnchors(`. DS ${ksk2017}\nexample. DS ${ksk2017}`);
    const zoneOf = (name: string) => `${closestAnchor(anchors, DnsName.parse(name))?.zone}`;
    expect(zoneOf('www.example')).toBe('example.');
    expect(zoneOf('example')).toBe('example.');
    expect(zoneOf('www.test')).toBe('.');
    expect(closestAnchor(anchors.slice(1), DnsName.parse('www.test'))).toBeUndefined();
  });
});
