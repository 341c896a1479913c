// Where somebody answers otherwise than the matrix expects, and which RFC says that the matrix is right. Every entry
// must be met at least once: one that has become untrue is taken out.

import type { Case } from './cases.js';
import type { Status } from './variant.js';

/** Our resolver on named, on NSD, and on named with SHA-1 accepted; the others by their names. */
export type Witness = 'ours' | 'oursOnNsd' | 'oursWithSha1' | 'unbound' | 'unboundOnNsd' | 'delv';

export interface Difference {
  readonly who: readonly Witness[];
  readonly where: (one: Case) => boolean;
  /** One of these; the matrix's own status among them where it is a matter of chance. */
  readonly says: readonly (Status | 'indeterminate')[];
  readonly because: string;
}

const unbounds: readonly Witness[] = ['unbound', 'unboundOnNsd'];
const oursOnNamed: readonly Witness[] = ['ours', 'oursWithSha1'];
const inZone =
  (...labels: readonly string[]) =>
  ({ variant }: Case): boolean =>
    labels.includes(variant.label);

/** @param questions as `LABEL NAME TYPE` */
const isOneOf =
  (...questions: readonly string[]) =>
  ({ variant, query }: Case): boolean =>
    questions.includes(`${variant.label} ${query.name} ${query.type}`);

export const differences: readonly Difference[] = [
  {
    who: [...unbounds, 'delv', 'oursWithSha1'],
    where: inZone('alg-rsasha1', 'alg-nsec3rsasha1'),
    says: ['secure'],
    because:
      'RFC 9905 section 2: who runs a validator treats RSA with SHA-1 as unsupported. Here that is the default; Unbound and BIND leave it to the operator, as `acceptSha1` does.',
  },
  {
    who: unbounds,
    where: inZone('ds-sha1-sha256-wrong'),
    says: ['secure'],
    because:
      'RFC 4509 section 3: a SHA-1 digest is ignored where a SHA-256 digest stands beside it. Unbound takes any digest that matches unless `harden-algo-downgrade` is on.',
  },
  {
    who: [...unbounds, 'delv'],
    where: inZone('revoked'),
    says: ['secure'],
    because:
      'RFC 5011 section 2.1: a key with the REVOKE bit serves for nothing but to validate its own revocation. Unbound and delv heed that for trust anchors alone, not for a key that a DS record names.',
  },
  {
    who: ['delv'],
    where: ({ variant, query }) =>
      variant.label === 'full-optout' && (query.rests === 'span' || query.rests === 'cut'),
    says: ['secure'],
    because:
      'RFC 5155 section 9.2: what an opt-out span denies does not get the AD flag. delv calls it validated.',
  },
  {
    who: ['delv'],
    where: isOneOf(
      ...['tampered', 'tampered-nsec3'].flatMap((zone) => [
        `${zone} garbage-beside A`,
        `${zone} other-type TXT`,
      ]),
    ),
    says: ['secure', 'bogus'],
    because:
      'RFC 6840 section 5.4 and RFC 4035 section 5.3.3: one good signature is enough, whatever stands beside it. delv stops at the first that fails, against the KeyTrap attack, and named gives them in random order.',
  },
  {
    who: ['oursOnNsd', 'unboundOnNsd'],
    where: isOneOf('tampered binding-respelled SVCB', 'tampered-nsec3 binding-respelled SVCB'),
    says: ['secure'],
    because:
      'RFC 4034 section 6.2 does not name SVCB, so its target keeps its case when it is signed. NSD writes all names in lower case, which puts back what was signed.',
  },
  {
    who: oursOnNamed,
    where: ({ variant, query }) =>
      variant.label.startsWith('full-') && ['back A', 'self A'].includes(`${query.name} ${query.type}`),
    says: ['indeterminate'],
    because:
      'RFC 4035 section 4.3: there is nothing to judge. named answers SERVFAIL for a loop of aliases; NSD lets the resolver run into it.',
  },
  {
    who: oursOnNamed,
    where: (one) =>
      inZone('ds-absence-unsigned')(one) ||
      isOneOf(
        'nsec-stripped host TXT',
        'nsec-unsigned host TXT',
        'nsec-unsigned nowhere A',
        'nsec-unsigned ent A',
        'tampered inserted A',
        'tampered absence-unsigned MX',
      )(one),
    says: ['indeterminate'],
    because:
      'RFC 4035 section 4.3: there is nothing to judge. named answers SERVFAIL where it finds no NSEC or no signature over it; NSD gives what it has, which is bogus.',
  },
];
