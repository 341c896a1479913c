// Zones that differ in their keys: every algorithm, every kind of DS, and each phase of a rollover (RFC 6781
// section 4.1), with the mistakes that operators make in each.

import { Ede } from '@countersign/dns';
import type { DenialPlan, DsPlan, KeyPlan, ZonePlan } from '../support/keyed-zone.js';
import type { Algorithm } from '../support/zone.js';
import { basicVariant, type Status, type Variant } from './variant.js';

const algorithms: readonly Algorithm[] = [
  'RSASHA1',
  'NSEC3RSASHA1',
  'RSASHA256',
  'RSASHA512',
  'ECDSAP256SHA256',
  'ECDSAP384SHA384',
  'ED25519',
  'ED448',
];

const keysOf = (algorithm: Algorithm): readonly KeyPlan[] => [
  { name: 'ksk', role: 'ksk', algorithm },
  { name: 'zsk', role: 'zsk', algorithm },
];

// RFC 9905 section 2: signatures with SHA-1 count as unsupported.
const byAlgorithm = algorithms.map((algorithm) => {
  const denial: DenialPlan = algorithm === 'NSEC3RSASHA1' ? { iterations: 0, salt: '' } : 'nsec';
  const plan = { keys: keysOf(algorithm), denial };
  const label = `alg-${algorithm.toLowerCase()}`;
  return algorithm.includes('SHA1')
    ? basicVariant(label, 'insecure', plan, { ede: Ede.unsupportedDnskeyAlgorithm })
    : basicVariant(label, 'secure', plan);
});

const other = (data: string): string => data.replace(/[0-9A-F]{8}$/, '00000000');
const typed = (digestType: number) => (data: string) => data.replace(/^(\d+ \d+) \d+/, `$1 ${digestType}`);
const withDs = (label: string, status: Status, ...ds: readonly DsPlan[]) =>
  basicVariant(label, status, { ds }, status === 'bogus' ? { ede: Ede.dnskeyMissing } : {});
const sha1: DsPlan = { key: 'ksk', digest: 1 };
const sha256: DsPlan = { key: 'ksk', digest: 2 };
const sha384: DsPlan = { key: 'ksk', digest: 4 };
const wrong = (ds: DsPlan): DsPlan => ({ ...ds, change: other });
const unknown: DsPlan = { ...sha256, change: typed(99) };
const otherAlgorithm: DsPlan = { ...sha256, change: (data) => data.replace(/^(\d+) \d+/, '$1 200') };

const byDs: readonly Variant[] = [
  withDs('ds-sha1', 'secure', sha1),
  withDs('ds-sha1-sha256', 'secure', sha1, sha256),
  withDs('ds-sha384', 'secure', sha384),
  withDs('ds-all', 'secure', sha1, sha256, sha384),
  withDs('ds-sha1-wrong', 'bogus', wrong(sha1)),
  withDs('ds-sha256-wrong', 'bogus', wrong(sha256)),
  withDs('ds-sha384-wrong', 'bogus', wrong(sha384)),
  // RFC 4509 section 3: beside SHA-256 a SHA-1 digest does not count.
  withDs('ds-sha1-sha256-wrong', 'bogus', sha1, wrong(sha256)),
  withDs('ds-sha1-wrong-sha256', 'secure', wrong(sha1), sha256),
  withDs('ds-sha256-wrong-sha384', 'secure', wrong(sha256), sha384),
  // RFC 4035 section 5.2: one DS that matches is enough.
  withDs('ds-sha256-sha384-wrong', 'secure', sha256, wrong(sha384)),
  withDs('ds-right-and-wrong', 'secure', wrong(sha256), sha256),
  basicVariant('ds-unknown-digest', 'insecure', { ds: [unknown] }, { ede: Ede.unsupportedDsDigest }),
  withDs('ds-unknown-and-sha256', 'secure', unknown, sha256),
  withDs('ds-unknown-and-wrong', 'bogus', unknown, wrong(sha256)),
  basicVariant(
    'ds-unknown-algorithm',
    'insecure',
    { ds: [otherAlgorithm] },
    { ede: Ede.unsupportedDnskeyAlgorithm },
  ),
  withDs('ds-unknown-algorithm-and-known', 'secure', otherAlgorithm, sha256),
  withDs('ds-of-zsk', 'bogus', { key: 'zsk' }),
  withDs('ds-wrong-tag', 'bogus', { ...sha256, change: (data) => data.replace(/^\d+/, '1') }),
];

const names = (text: string): readonly string[] => text.split(' ');
const key = (name: string, algorithm?: Algorithm): KeyPlan => ({
  name,
  role: name.startsWith('ksk') ? 'ksk' : name.startsWith('csk') ? 'csk' : 'zsk',
  ...(algorithm === undefined ? {} : { algorithm }),
});
const phase = (
  label: string,
  status: Status,
  keys: readonly KeyPlan[],
  published: string,
  signing: string,
  ds: string,
  except: Readonly<Record<string, Status>> = {},
): Variant => {
  const plan: Partial<ZonePlan> = {
    keys,
    published: names(published),
    signing: names(signing),
    ds: names(ds).map((name) => ({ key: name })),
  };
  return basicVariant(label, status, plan, {
    except,
    ...(status === 'bogus' ? { ede: Ede.dnskeyMissing } : {}),
  });
};

const zskKeys = [key('ksk'), key('zsk1'), key('zsk2')];
const kskKeys = [key('ksk1'), key('ksk2'), key('zsk')];
const cskKeys = [key('csk1'), key('csk2')];
/** The keys themselves can be validated, and nothing that they should have signed. */
const keysHold = { '@ DNSKEY': 'secure' } as const;
const algorithmKeys = [key('ksk1'), key('zsk1'), key('ksk2', 'ED25519'), key('zsk2', 'ED25519')];

const byPhase: readonly Variant[] = [
  // RFC 6781 section 4.1.1.1: a new zone-signing key, published beforehand.
  phase('zsk-new-published', 'secure', zskKeys, 'ksk zsk1 zsk2', 'ksk zsk1', 'ksk'),
  phase('zsk-new-signing', 'secure', zskKeys, 'ksk zsk1 zsk2', 'ksk zsk2', 'ksk'),
  phase('zsk-old-removed', 'secure', zskKeys, 'ksk zsk2', 'ksk zsk2', 'ksk'),
  phase('zsk-old-removed-too-early', 'bogus', zskKeys, 'ksk zsk2', 'ksk zsk1', 'ksk', keysHold),
  phase('zsk-new-signing-too-early', 'bogus', zskKeys, 'ksk zsk1', 'ksk zsk2', 'ksk', keysHold),
  // Section 4.1.1.2: both sign.
  phase('zsk-both-signing', 'secure', zskKeys, 'ksk zsk1 zsk2', 'ksk zsk1 zsk2', 'ksk'),
  phase('zsk-both-signing-one-published', 'secure', zskKeys, 'ksk zsk2', 'ksk zsk1 zsk2', 'ksk'),
  // Section 4.1.2: a new key-signing key, both sign.
  phase('ksk-both-old-ds', 'secure', kskKeys, 'ksk1 ksk2 zsk', 'ksk1 ksk2 zsk', 'ksk1'),
  phase('ksk-both-new-ds', 'secure', kskKeys, 'ksk1 ksk2 zsk', 'ksk1 ksk2 zsk', 'ksk2'),
  phase('ksk-old-removed', 'secure', kskKeys, 'ksk2 zsk', 'ksk2 zsk', 'ksk2'),
  phase('ksk-old-removed-too-early', 'bogus', kskKeys, 'ksk2 zsk', 'ksk2 zsk', 'ksk1'),
  phase('ksk-ds-too-early', 'bogus', kskKeys, 'ksk1 zsk', 'ksk1 zsk', 'ksk2'),
  phase('ksk-only-old-signature', 'bogus', kskKeys, 'ksk1 ksk2 zsk', 'ksk1 zsk', 'ksk2'),
  phase('ksk-new-published', 'secure', kskKeys, 'ksk1 ksk2 zsk', 'ksk1 zsk', 'ksk1'),
  phase('ksk-signing-unpublished', 'bogus', kskKeys, 'ksk1 zsk', 'ksk2 zsk', 'ksk2'),
  // Section 4.1.2, double DS.
  phase('ksk-double-ds-old-key', 'secure', kskKeys, 'ksk1 zsk', 'ksk1 zsk', 'ksk1 ksk2'),
  phase('ksk-double-ds-new-key', 'secure', kskKeys, 'ksk2 zsk', 'ksk2 zsk', 'ksk1 ksk2'),
  phase('ksk-double-ds-both-keys', 'secure', kskKeys, 'ksk1 ksk2 zsk', 'ksk1 ksk2 zsk', 'ksk1 ksk2'),
  phase('ksk-double-ds-one-signature', 'secure', kskKeys, 'ksk1 ksk2 zsk', 'ksk1 zsk', 'ksk1 ksk2'),
  // One key for both, and its rollover (section 4.1.3).
  phase('csk', 'secure', [key('csk1')], 'csk1', 'csk1', 'csk1'),
  phase('csk-both', 'secure', cskKeys, 'csk1 csk2', 'csk1 csk2', 'csk1'),
  phase('csk-new-ds', 'secure', cskKeys, 'csk1 csk2', 'csk1 csk2', 'csk2'),
  phase('csk-published', 'secure', cskKeys, 'csk1 csk2', 'csk1', 'csk1'),
  phase('csk-ds-too-early', 'bogus', cskKeys, 'csk1 csk2', 'csk1', 'csk2'),
  phase('csk-old-removed-too-early', 'bogus', cskKeys, 'csk2', 'csk2', 'csk1'),
  // Section 4.1.4: another algorithm.
  phase('algorithm-both', 'secure', algorithmKeys, 'ksk1 zsk1 ksk2 zsk2', 'ksk1 zsk1 ksk2 zsk2', 'ksk1'),
  phase(
    'algorithm-both-ds',
    'secure',
    algorithmKeys,
    'ksk1 zsk1 ksk2 zsk2',
    'ksk1 zsk1 ksk2 zsk2',
    'ksk1 ksk2',
  ),
  phase('algorithm-new-ds', 'secure', algorithmKeys, 'ksk1 zsk1 ksk2 zsk2', 'ksk1 zsk1 ksk2 zsk2', 'ksk2'),
  phase('algorithm-signatures-first', 'secure', algorithmKeys, 'ksk1 zsk1', 'ksk1 zsk1 zsk2', 'ksk1'),
  // RFC 6840 section 5.11: any path will do, even where the signer owes another.
  phase('algorithm-new-key-silent', 'secure', algorithmKeys, 'ksk1 zsk1 ksk2 zsk2', 'ksk1 zsk1', 'ksk1'),
  phase('algorithm-new-ds-silent', 'bogus', algorithmKeys, 'ksk1 zsk1 ksk2 zsk2', 'ksk1 zsk1', 'ksk2'),
  phase(
    'several-keys',
    'secure',
    ['ksk1', 'ksk2', 'ksk3', 'zsk1', 'zsk2', 'zsk3'].map((name) => key(name)),
    'ksk1 ksk2 ksk3 zsk1 zsk2 zsk3',
    'ksk1 ksk2 ksk3 zsk1 zsk2 zsk3',
    'ksk3',
  ),
  // RFC 5011 section 2.1: a revoked key vouches for nothing.
  basicVariant('revoked', 'bogus', {
    keys: [{ name: 'ksk', role: 'ksk', revoked: true }, key('zsk')],
    ds: [{ key: 'ksk' }],
  }),
  basicVariant('revoked-beside', 'secure', {
    keys: [{ name: 'ksk1', role: 'ksk', revoked: true }, key('ksk2'), key('zsk')],
    ds: [{ key: 'ksk2' }],
  }),
];

export const keyVariants: readonly Variant[] = [...byAlgorithm, ...byDs, ...byPhase];
