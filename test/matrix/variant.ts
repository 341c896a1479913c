// One zone of the matrix with the questions that are asked about it, and what is expected of all validators.

import type { ZonePlan } from '../support/keyed-zone.js';
import type { Opinion } from '../support/peers.js';
import type { Tampering } from '../support/tamper.js';

export type Status = Opinion['status'];

/**
 * What an answer rests on: a signature at the name alone; a proof at the very name that a type is absent; a proof that
 * spans the name; a wildcard's signature and a span; or a span over an unsigned zone cut.
 */
export type Rests = 'signature' | 'proof' | 'span' | 'expansion' | 'cut';

/** A question below the zone's origin (`@` is the origin itself) and the answer that everybody should give. */
export interface Query {
  readonly name: string;
  readonly type: string;
  readonly status: Status;
  /** What the zone says, whether it is believed or not. */
  readonly rcode: string;
  readonly rests?: Rests;
}

export interface Variant {
  /** The zone's label below `example.`, which says what is special about it. */
  readonly label: string;
  readonly plan: Omit<ZonePlan, 'origin'>;
  readonly queries: readonly Query[];
  /** Done to the signed parent. */
  readonly parentTamper?: Tampering;
  /** True where a trust anchor stands at the zone itself. */
  readonly anchored?: boolean;
  /** The Extended DNS Error that we give wherever the zone is to blame for an answer that is not secure. */
  readonly ede?: number;
}

export const originOf = (label: string): string => `${label}.example.`;

/** What every ordinary zone holds. */
export const basicRecords: readonly string[] = [
  'host A 127.0.0.1',
  'host AAAA ::1',
  'alias CNAME host',
  '*.wild TXT "by wildcard"',
  'under.ent A 127.0.0.1',
];

/** The questions about an ordinary zone; `except` are those with another status. */
export function basicQueries(
  status: Status,
  except: Readonly<Record<string, Status>> = {},
): readonly Query[] {
  const query = (name: string, type: string, rcode = 'NOERROR'): Query => ({
    name,
    type,
    status: except[`${name} ${type}`] ?? status,
    rcode,
  });
  return [
    query('@', 'SOA'),
    query('@', 'DNSKEY'),
    query('host', 'A'),
    query('host', 'TXT'),
    query('alias', 'AAAA'),
    query('nowhere', 'A', 'NXDOMAIN'),
    query('any.wild', 'TXT'),
    query('ent', 'A'),
  ];
}

/** An ordinary zone that differs in its keys, its signing or what is done to it. */
export function basicVariant(
  label: string,
  status: Status,
  plan: Partial<ZonePlan> = {},
  more: Partial<Variant> & { readonly except?: Readonly<Record<string, Status>> } = {},
): Variant {
  const { except, ...rest } = more;
  return {
    label,
    plan: { records: basicRecords, ...plan },
    queries: basicQueries(status, except),
    ...rest,
  };
}
