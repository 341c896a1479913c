// Zones that are unsigned, or broken as a whole or in all their proofs.

import { Ede } from '@countersign/dns';
import type { DenialPlan, ZonePlan } from '../support/keyed-zone.js';
import {
  changed,
  changedEverywhere,
  copied,
  corruptSignature,
  each,
  removed,
  removedEverywhere,
  type Tampering,
  withField,
} from '../support/tamper.js';
import { basicRecords, basicVariant, originOf, type Query, type Status, type Variant } from './variant.js';

const nsec3: DenialPlan = { iterations: 0, salt: '' };
const unsigned: Partial<ZonePlan> = { keys: [] };

/** The answers that need no proof of absence. */
const positives: Readonly<Record<string, Status>> = {
  '@ SOA': 'secure',
  '@ DNSKEY': 'secure',
  'host A': 'secure',
  'alias AAAA': 'secure',
};

const atParent = (
  label: string,
  status: Status,
  plan: Partial<ZonePlan>,
  tamper: (name: string) => Tampering,
) => basicVariant(label, status, plan, { parentTamper: tamper(originOf(label)) });

const inZone = (
  label: string,
  status: Status,
  tamper: (origin: string) => Tampering,
  plan: Partial<ZonePlan> = {},
) => basicVariant(label, status, { ...plan, tamper: tamper(originOf(label)) });

const wholeZones: readonly Variant[] = [
  basicVariant('unsigned', 'insecure', unsigned),
  basicVariant('island', 'insecure', { ds: [] }),
  basicVariant('anchored', 'secure', { ds: [] }, { anchored: true }),
  basicVariant('expired', 'bogus', { validFor: [-70, -30] }, { ede: Ede.signatureExpired }),
  basicVariant('not-yet-valid', 'bogus', { validFor: [30, 60] }, { ede: Ede.signatureNotYetValid }),
  basicVariant(
    'expired-nsec3',
    'bogus',
    { validFor: [-70, -30], denial: nsec3 },
    { ede: Ede.signatureExpired },
  ),
  {
    label: 'unsigned-above',
    plan: {
      ...unsigned,
      records: basicRecords,
      children: [{ origin: `kid.${originOf('unsigned-above')}`, records: basicRecords }],
    },
    queries: ['kid SOA', 'kid DS', 'kid DNSKEY', 'host.kid A', 'host.kid TXT'].map((text): Query => {
      const [name = '', type = ''] = text.split(' ');
      return { name, type, status: 'insecure', rcode: 'NOERROR' };
    }),
  },
  inZone('no-dnskey', 'bogus', () => each(removedEverywhere('DNSKEY'), removedEverywhere('RRSIG DNSKEY'))),
  inZone('dnskey-unsigned', 'bogus', (origin) => removed(origin, 'RRSIG DNSKEY')),
  inZone('dnskey-forged', 'bogus', (origin) =>
    changed(origin, 'DNSKEY 256', (data) =>
      data.replace(/.(.{4})$/, (end) => `${end.startsWith('A') ? 'B' : 'A'}${end.slice(1)}`),
    ),
  ),
  inZone('dnskey-corrupted', 'bogus', (origin) => changed(origin, 'RRSIG DNSKEY', corruptSignature)),
  inZone('dnskey-signed-by-another-zone', 'bogus', (origin) =>
    changed(
      origin,
      'RRSIG DNSKEY',
      withField('signer', () => 'example.'),
    ),
  ),
  inZone('bare', 'bogus', () => removedEverywhere('RRSIG')),
  inZone('corrupted', 'bogus', () => changedEverywhere('RRSIG', corruptSignature)),
  atParent('ds-unsigned', 'bogus', {}, (name) => removed(name, 'RRSIG DS')),
  atParent('ds-corrupted', 'bogus', {}, (name) => changed(name, 'RRSIG DS', corruptSignature)),
  atParent('ds-taken-away', 'bogus', {}, (name) => each(removed(name, 'DS'), removed(name, 'RRSIG DS'))),
  atParent('ds-put-in', 'bogus', { ds: [] }, (name) =>
    copied({ owner: originOf('full-nsec'), type: 'DS' }, name),
  ),
  atParent('ds-absence-unsigned', 'bogus', unsigned, (name) => removed(name, 'RRSIG NSEC')),
  atParent('ds-absence-forged', 'bogus', unsigned, (name) =>
    changed(name, 'NSEC', (data) => `${data} TYPE65281`),
  ),
];

const denials: readonly (readonly [type: 'NSEC' | 'NSEC3', plan: Partial<ZonePlan>])[] = [
  ['NSEC', {}],
  ['NSEC3', { denial: nsec3 }],
];

const tamperedProofs: readonly Variant[] = denials.flatMap(([type, plan]) => {
  const label = type.toLowerCase();
  const broken = (what: string, tamper: (apex: string) => Tampering) => {
    const name = `${label}-${what}`;
    return basicVariant(name, 'bogus', { ...plan, tamper: tamper(originOf(name)) }, { except: positives });
  };
  return [
    broken('stripped', (apex) =>
      each(removedEverywhere(type, apex), removedEverywhere(`RRSIG ${type}`, apex)),
    ),
    broken('unsigned', (apex) => removedEverywhere(`RRSIG ${type}`, apex)),
    broken('forged', () => changedEverywhere(type, (data) => `${data} TYPE65281`)),
    broken('corrupted', () => changedEverywhere(`RRSIG ${type}`, corruptSignature)),
  ];
});

export const brokenVariants: readonly Variant[] = [...wholeZones, ...tamperedProofs];
