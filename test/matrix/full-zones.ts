// Zones with all that a zone can hold (wildcards, empty non-terminals, aliases, cuts, strange names), once for each
// way of proving absence.

import type { DenialPlan, ZonePlan } from '../support/keyed-zone.js';
import { originOf, type Query, type Rests, type Status, type Variant } from './variant.js';

const longest = 'l'.repeat(63);
/** Brings a name in the longest of these zones close to 255 octets. */
const long = `${longest}.${longest}.${longest}.${'m'.repeat(20)}`;

const records: readonly string[] = [
  '@ MX 10 mail',
  'mail A 127.0.0.1',
  'host A 127.0.0.1',
  'host A 127.0.0.2',
  'host AAAA ::1',
  'MiXeD A 127.0.0.1',
  String.raw`dotted\.label A 127.0.0.1`,
  String.raw`sp\032ace\255 A 127.0.0.1`,
  String.raw`\000nul A 127.0.0.1`,
  String.raw`semi\;colon\(\) A 127.0.0.1`,
  `${long} A 127.0.0.1`,
  '_443._tcp.host TLSA 3 1 1 0000000000000000000000000000000000000000000000000000000000000000',
  'service SVCB 1 host alpn=h2 port=443',
  'opaque TYPE65280 \\# 4 0a000001',
  'under.the.ent A 127.0.0.1',
  '*.wild TXT "by wildcard"',
  '*.wild A 127.0.0.1',
  'explicit.wild A 127.0.0.1',
  'below.the.parent.wild A 127.0.0.1',
  '*.star.ent2 TXT "below an empty non-terminal"',
  '*.aliases CNAME host',
  '*.dead CNAME nowhere',
  'alias CNAME host',
  'alias2 CNAME alias',
  'alias3 CNAME alias2',
  'gone CNAME nowhere',
  'to-wild CNAME any.wild',
  'to-ent CNAME the.ent',
  'to-secure CNAME host.alg-ecdsap256sha256.example.',
  'to-secure-absent CNAME nowhere.alg-ecdsap256sha256.example.',
  'to-unsigned CNAME host.unsigned.example.',
  'to-unsigned-absent CNAME nowhere.unsigned.example.',
  'to-expired CNAME host.expired.example.',
  'to-unknown-digest CNAME host.ds-unknown-digest.example.',
  'back CNAME forth',
  'forth CNAME back',
  'self CNAME self',
  'tree DNAME branch',
  'tree TXT "beside a DNAME"',
  'leaf.branch A 127.0.0.1',
  'out-tree DNAME unsigned.example.',
  'secure-tree DNAME alg-ecdsap256sha256.example.',
  'expired-tree DNAME expired.example.',
];

const childRecords: readonly string[] = [
  'host A 127.0.0.1',
  '*.wild TXT "in the child"',
  'up CNAME host.PARENT',
];

function queriesOf(statusOf: (rests: Rests) => Status): readonly Query[] {
  const ask = (rests: Rests | Status, name: string, type: string, rcode = 'NOERROR'): Query =>
    rests === 'secure' || rests === 'insecure' || rests === 'bogus'
      ? { name, type, status: rests, rcode }
      : { name, type, status: statusOf(rests), rcode, rests };
  const absent = (name: string, type = 'A') => ask('span', name, type, 'NXDOMAIN');
  return [
    // The apex.
    ask('signature', '@', 'SOA'),
    ask('signature', '@', 'NS'),
    ask('signature', '@', 'MX'),
    ask('signature', '@', 'DNSKEY'),
    ask('secure', '@', 'DS'),
    ask('proof', '@', 'A'),
    ask('proof', '@', 'CDS'),
    ask('proof', '@', 'TYPE65281'),
    // What is there, by names of every kind.
    ask('signature', 'host', 'A'),
    ask('signature', 'HOST', 'AAAA'),
    ask('signature', 'mixed', 'A'),
    ask('signature', String.raw`dotted\.label`, 'A'),
    ask('signature', String.raw`sp\032ace\255`, 'A'),
    ask('signature', String.raw`\000nul`, 'A'),
    ask('signature', String.raw`semi\;colon\(\)`, 'A'),
    ask('signature', long, 'A'),
    ask('signature', '_443._tcp.host', 'TLSA'),
    ask('signature', 'service', 'SVCB'),
    ask('signature', 'opaque', 'TYPE65280'),
    // Types that are not.
    ask('proof', 'host', 'TXT'),
    ask('proof', 'host', 'DS'),
    ask('proof', 'host', 'CNAME'),
    ask('proof', 'MIXED', 'TXT'),
    ask('proof', String.raw`dotted\.label`, 'TXT'),
    ask('proof', long, 'TXT'),
    // Names that are not.
    absent('nowhere'),
    absent('nowhere', 'DS'),
    absent('NoWhere', 'TLSA'),
    absent('a.b.c.nowhere'),
    absent('below.host'),
    absent('_444._tcp.host', 'TLSA'),
    absent(String.raw`\000`),
    absent(String.raw`\255\255`),
    absent('dotted.label'),
    absent(`x${long.slice(1)}`),
    absent(`*`),
    // Empty non-terminals.
    ask('proof', 'ent', 'A'),
    ask('proof', 'the.ent', 'A'),
    ask('proof', 'the.ent', 'DS'),
    ask('proof', '_tcp.host', 'A'),
    ask('proof', 'wild', 'TXT'),
    absent('nowhere.the.ent'),
    // Wildcards.
    ask('expansion', 'any.wild', 'TXT'),
    ask('expansion', 'ANY.wild', 'A'),
    ask('expansion', 'a.b.c.wild', 'TXT'),
    ask('span', 'any.wild', 'MX'),
    ask('span', 'any.wild', 'DS'),
    ask('signature', '*.wild', 'TXT'),
    ask('proof', '*.wild', 'MX'),
    ask('signature', 'explicit.wild', 'A'),
    ask('proof', 'explicit.wild', 'TXT'),
    absent('below.explicit.wild', 'TXT'),
    ask('proof', 'parent.wild', 'TXT'),
    absent('beside.parent.wild', 'TXT'),
    ask('expansion', 'any.star.ent2', 'TXT'),
    ask('proof', 'star.ent2', 'TXT'),
    ask('expansion', 'any.aliases', 'AAAA'),
    ask('expansion', 'any.aliases', 'CNAME'),
    ask('expansion', 'any.dead', 'A', 'NXDOMAIN'),
    // Aliases.
    ask('signature', 'alias', 'A'),
    ask('signature', 'alias', 'CNAME'),
    ask('signature', 'alias3', 'A'),
    ask('proof', 'alias3', 'TXT'),
    ask('proof', 'alias', 'DS'),
    ask('span', 'gone', 'A', 'NXDOMAIN'),
    ask('expansion', 'to-wild', 'TXT'),
    ask('proof', 'to-ent', 'A'),
    ask('secure', 'to-secure', 'A'),
    ask('secure', 'to-secure-absent', 'A', 'NXDOMAIN'),
    ask('insecure', 'to-unsigned', 'A'),
    ask('insecure', 'to-unsigned-absent', 'A', 'NXDOMAIN'),
    ask('insecure', 'to-unknown-digest', 'A'),
    ask('bogus', 'to-expired', 'A'),
    ask('signature', 'to-expired', 'CNAME'),
    ask('bogus', 'back', 'A'),
    ask('bogus', 'self', 'A'),
    ask('signature', 'self', 'CNAME'),
    // DNAME.
    ask('signature', 'tree', 'DNAME'),
    ask('signature', 'tree', 'TXT'),
    ask('proof', 'tree', 'A'),
    ask('signature', 'leaf.tree', 'A'),
    ask('proof', 'leaf.tree', 'TXT'),
    ask('span', 'nowhere.tree', 'A', 'NXDOMAIN'),
    ask('insecure', 'host.out-tree', 'A'),
    ask('secure', 'host.secure-tree', 'AAAA'),
    ask('bogus', 'host.expired-tree', 'A'),
    // Cuts, and below them.
    ask('signature', 'kid', 'DS'),
    ask('secure', 'kid', 'NS'),
    ask('secure', 'kid', 'SOA'),
    ask('secure', 'kid', 'A'),
    ask('secure', 'host.kid', 'A'),
    ask('secure', 'host.kid', 'TXT'),
    ask('secure', 'any.wild.kid', 'TXT'),
    ask('secure', 'nowhere.kid', 'A', 'NXDOMAIN'),
    ask('signature', 'up.kid', 'A'),
    ask('cut', 'open', 'DS'),
    ask('insecure', 'open', 'NS'),
    ask('insecure', 'open', 'A'),
    ask('insecure', 'host.open', 'A'),
    ask('insecure', 'host.open', 'DS'),
    ask('insecure', 'nowhere.open', 'A', 'NXDOMAIN'),
    ask('insecure', 'any.wild.open', 'TXT'),
    ask('insecure', 'up.open', 'A'),
  ];
}

const plainNsec3: DenialPlan = { iterations: 0, salt: '' };

/**
 * @param statusOf what an answer is worth by what it rests on
 * @param isAsked which of the questions are asked; default all
 */
export function fullVariant(
  label: string,
  denial: DenialPlan,
  statusOf: (rests: Rests) => Status,
  isAsked: (query: Query) => boolean = () => true,
): Variant {
  const origin = originOf(label);
  const inParent = childRecords.map((record) => record.replace('PARENT', origin));
  const children: readonly ZonePlan[] = [
    { origin: `kid.${origin}`, records: inParent, denial: denial === 'nsec' ? plainNsec3 : 'nsec' },
    { origin: `open.${origin}`, records: inParent, keys: [] },
  ];
  return { label, plan: { records, children, denial }, queries: queriesOf(statusOf).filter(isAsked) };
}

const always = (): Status => 'secure';
// RFC 5155 section 9.2: a span with opt-out proves nothing that deserves the AD flag.
const unlessOptedOut = (rests: Rests): Status =>
  rests === 'signature' || rests === 'proof' ? 'secure' : 'insecure';
// RFC 9276 section 3.2: what would need these hashes is insecure.
const unlessProven = (rests: Rests): Status => (rests === 'signature' ? 'secure' : 'insecure');

// Hashing makes the difference here, so what rests on a signature alone need not be asked again.
const isDenied = ({ name, type, rcode }: Query): boolean =>
  rcode === 'NXDOMAIN' || /wild|ent|open|kid/.test(name) || type === 'TXT' || type === 'DS';

export const fullVariants: readonly Variant[] = [
  fullVariant('full-nsec', 'nsec', always),
  fullVariant('full-nsec3', plainNsec3, always),
  fullVariant('full-optout', { ...plainNsec3, optOut: true }, unlessOptedOut),
  fullVariant('full-nsec3-1', { iterations: 1, salt: 'c0ffee' }, always, isDenied),
  fullVariant('full-nsec3-150', { iterations: 150, salt: 'ab' }, always, isDenied),
  fullVariant('full-nsec3-151', { iterations: 151, salt: 'ab' }, unlessProven),
];
