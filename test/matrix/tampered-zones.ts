// A zone in which every name has suffered something of its own: stripped, forged, swapped or respelled records and
// signatures, each beside what was left whole.

import type { DenialPlan } from '../support/keyed-zone.js';
import {
  added,
  changed,
  copied,
  corruptSignature,
  each,
  lived,
  removed,
  respelled,
  type Tampering,
  withField,
} from '../support/tamper.js';
import { originOf, type Status, type Variant } from './variant.js';

interface Deed {
  readonly name: string;
  readonly type?: string;
  readonly status: Status;
  readonly tamper?: (owner: string, origin: string) => Tampering;
}

const rrsig = (name: string, status: Status, change: (data: string) => string, type = 'A'): Deed => ({
  name,
  type,
  status,
  tamper: (owner) => changed(owner, `RRSIG ${type}`, change),
});
const insteadOf = (owner: string, source: Parameters<typeof copied>[0], change?: (data: string) => string) =>
  each(removed(owner, 'RRSIG A'), copied(source, owner, change));

const deeds: readonly Deed[] = [
  { name: 'untouched', status: 'secure' },
  { name: 'untouched', type: 'TXT', status: 'secure' },
  { name: 'stripped', status: 'bogus', tamper: (owner) => removed(owner, 'RRSIG A') },
  { name: 'stripped', type: 'TXT', status: 'secure' },
  { name: 'forged', status: 'bogus', tamper: (owner) => changed(owner, 'A 127.0.0.1', () => '127.0.0.3') },
  { name: 'forged', type: 'TXT', status: 'secure' },
  {
    name: 'more',
    status: 'bogus',
    tamper: (owner) => added({ owner, ttl: 300, type: 'A', data: '127.0.0.3' }),
  },
  { name: 'less', status: 'bogus', tamper: (owner) => removed(owner, 'A 127.0.0.2') },
  { name: 'none', status: 'bogus', tamper: (owner) => removed(owner, 'A') },
  {
    name: 'put-in',
    type: 'MX',
    status: 'bogus',
    tamper: (owner) => added({ owner, ttl: 300, type: 'MX', data: '1 .' }),
  },
  { name: 'raised-ttl', status: 'secure', tamper: (owner) => lived(owner, 'A', 86_400) },
  { name: 'lowered-ttl', status: 'secure', tamper: (owner) => lived(owner, 'A', 5) },
  {
    name: 'upper',
    status: 'secure',
    tamper: (owner) =>
      each(respelled(owner, 'A', owner.toUpperCase()), respelled(owner, 'RRSIG A', owner.toUpperCase())),
  },
  {
    name: 'case-of-text',
    type: 'TXT',
    status: 'bogus',
    tamper: (owner) => changed(owner, 'TXT', (data) => data.toUpperCase()),
  },
  rrsig('corrupted', 'bogus', corruptSignature),
  rrsig(
    'more-labels',
    'bogus',
    withField('labels', (value) => `${Number(value) + 1}`),
  ),
  rrsig(
    'fewer-labels',
    'bogus',
    withField('labels', (value) => `${Number(value) - 1}`),
  ),
  rrsig(
    'other-ttl',
    'bogus',
    withField('originalTtl', () => '600'),
  ),
  rrsig(
    'later-end',
    'bogus',
    withField('expiration', () => '20450101000000'),
  ),
  rrsig(
    'earlier-start',
    'bogus',
    withField('inception', () => '20200101000000'),
  ),
  rrsig(
    'end-before-start',
    'bogus',
    withField('expiration', () => '20200101000000'),
  ),
  rrsig(
    'other-tag',
    'bogus',
    withField('keyTag', (value) => `${Number(value) ^ 1}`),
  ),
  rrsig(
    'other-algorithm',
    'bogus',
    withField('algorithm', () => '8'),
  ),
  rrsig(
    'unknown-algorithm',
    'bogus',
    withField('algorithm', () => '200'),
  ),
  rrsig(
    'signed-by-parent',
    'bogus',
    withField('signer', () => 'example.'),
  ),
  rrsig(
    'signed-by-sibling',
    'bogus',
    withField('signer', () => originOf('full-nsec')),
  ),
  rrsig(
    'signed-by-unsigned',
    'bogus',
    withField('signer', () => originOf('unsigned')),
  ),
  rrsig(
    'signed-by-itself',
    'bogus',
    withField('signer', () => `signed-by-itself.${originOf('tampered')}`),
  ),
  rrsig(
    'signed-by-root',
    'bogus',
    withField('signer', () => '.'),
  ),
  rrsig(
    'signer-in-upper-case',
    'secure',
    withField('signer', (value) => value.toUpperCase()),
  ),
  rrsig(
    'other-type',
    'bogus',
    withField('typeCovered', () => 'TXT'),
  ),
  { name: 'other-type', type: 'TXT', status: 'secure' },
  {
    name: 'of-another-type',
    status: 'bogus',
    tamper: (owner) =>
      insteadOf(
        owner,
        { owner, type: 'RRSIG TXT' },
        withField('typeCovered', () => 'A'),
      ),
  },
  {
    name: 'of-another-name',
    status: 'bogus',
    tamper: (owner, origin) => insteadOf(owner, { owner: `untouched.${origin}`, type: 'RRSIG A' }),
  },
  {
    name: 'of-another-zone',
    status: 'bogus',
    tamper: (owner) => {
      const origin = originOf('full-nsec');
      return insteadOf(owner, { origin, owner: `mail.${origin}`, type: 'RRSIG A' });
    },
  },
  {
    name: 'garbage-beside',
    status: 'secure',
    tamper: (owner) => copied({ owner, type: 'RRSIG A' }, owner, corruptSignature),
  },
  {
    name: 'unknown-beside',
    status: 'secure',
    tamper: (owner) =>
      copied(
        { owner, type: 'RRSIG A' },
        owner,
        withField('algorithm', () => '200'),
      ),
  },
  {
    name: 'alias-stripped',
    type: 'CNAME',
    status: 'bogus',
    tamper: (owner) => removed(owner, 'RRSIG CNAME'),
  },
  { name: 'alias-stripped', status: 'bogus' },
  {
    name: 'alias-forged',
    status: 'bogus',
    tamper: (owner, origin) => changed(owner, 'CNAME', () => `stripped.${origin}`),
  },
  {
    name: 'alias-respelled',
    status: 'secure',
    tamper: (owner) => changed(owner, 'CNAME', (data) => data.toUpperCase()),
  },
  {
    name: 'mail-respelled',
    type: 'MX',
    status: 'secure',
    tamper: (owner) => changed(owner, 'MX', (data) => data.toUpperCase()),
  },
  {
    name: 'service-respelled',
    type: 'SRV',
    status: 'secure',
    tamper: (owner) => changed(owner, 'SRV', (data) => data.toUpperCase()),
  },
  {
    name: 'binding-respelled',
    type: 'SVCB',
    status: 'bogus',
    tamper: (owner) => changed(owner, 'SVCB', (data) => data.replace('untouched', 'UNTOUCHED')),
  },
  {
    name: 'under.tree-stripped',
    status: 'bogus',
    tamper: (_, origin) => removed(`tree-stripped.${origin}`, 'RRSIG DNAME'),
  },
  {
    name: 'under.tree-forged',
    status: 'bogus',
    tamper: (_, origin) => changed(`tree-forged.${origin}`, 'DNAME', () => `unsigned.example.`),
  },
  {
    name: 'any.wild-stripped',
    type: 'TXT',
    status: 'bogus',
    tamper: (_, origin) => removed(`*.wild-stripped.${origin}`, 'RRSIG TXT'),
  },
  {
    name: 'any.wild-forged',
    type: 'TXT',
    status: 'bogus',
    tamper: (_, origin) => changed(`*.wild-forged.${origin}`, 'TXT', () => '"forged"'),
  },
  {
    name: 'inserted',
    status: 'bogus',
    tamper: (owner) => added({ owner, ttl: 300, type: 'A', data: '127.0.0.3' }),
  },
  {
    name: 'inserted-alias',
    status: 'bogus',
    tamper: (owner, origin) => added({ owner, ttl: 300, type: 'CNAME', data: `untouched.${origin}` }),
  },
  { name: 'absence-unsigned', type: 'MX', status: 'bogus', tamper: (owner) => removed(owner, 'RRSIG NSEC') },
  { name: 'absence-unsigned', status: 'secure' },
  {
    name: 'absence-forged',
    type: 'MX',
    status: 'bogus',
    tamper: (owner) => changed(owner, 'NSEC', (data) => data.replace(' A TXT ', ' ')),
  },
  {
    name: 'absence-hidden',
    type: 'TXT',
    status: 'bogus',
    tamper: (owner) => each(removed(owner, 'TXT'), removed(owner, 'RRSIG TXT')),
  },
  { name: 'absence-hidden', status: 'secure' },
];

const specialOwners: Readonly<Record<string, readonly string[]>> = {
  alias: ['CNAME untouched'],
  mail: ['MX 10 untouched'],
  service: ['SRV 1 2 443 untouched'],
  binding: ['SVCB 1 untouched alpn=h2'],
};

function tamperedZone(label: string, denial: DenialPlan): Variant {
  const origin = originOf(label);
  const owners = [...new Set(deeds.map(({ name }) => name))].filter((name) => !/\.|^inserted/.test(name));
  const records = owners.flatMap((owner) => {
    const kind = owner.endsWith('-respelled') || owner.startsWith('alias-') ? owner.split('-')[0] : undefined;
    const own = specialOwners[kind ?? ''] ?? ['A 127.0.0.1', 'A 127.0.0.2', 'TXT "as signed"'];
    return own.map((record) => `${owner} ${record}`);
  });
  const special = [
    'tree-stripped DNAME untouched',
    'tree-forged DNAME untouched',
    '*.wild-stripped TXT "as signed"',
    '*.wild-forged TXT "as signed"',
  ];
  const asked = deeds.filter(({ name }) => denial === 'nsec' || !name.startsWith('absence-'));
  const tamperings = asked.flatMap(({ name, tamper }) => tamper?.(`${name}.${origin}`, origin) ?? []);
  return {
    label,
    plan: { records: [...records, ...special], denial, tamper: each(...tamperings) },
    queries: asked.map(({ name, type = 'A', status }) => ({ name, type, status, rcode: 'NOERROR' })),
  };
}

export const tamperedVariants: readonly Variant[] = [
  tamperedZone('tampered', 'nsec'),
  tamperedZone('tampered-nsec3', { iterations: 0, salt: '' }),
];
