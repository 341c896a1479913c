// Every question of the matrix, and the part of them that is asked on every run.

import { brokenVariants } from './broken-zones.js';
import { fullVariants } from './full-zones.js';
import { keyVariants } from './key-zones.js';
import { tamperedVariants } from './tampered-zones.js';
import { originOf, type Query, type Variant } from './variant.js';

/** A question of the matrix, in presentation form, and where it stands in it. */
export interface Case {
  readonly name: string;
  readonly type: string;
  readonly variant: Variant;
  readonly query: Query;
}

export function casesOf(variants: readonly Variant[]): readonly Case[] {
  return variants.flatMap((variant) =>
    variant.queries.map((query) => ({
      variant,
      query,
      name: query.name === '@' ? originOf(variant.label) : `${query.name}.${originOf(variant.label)}`,
      type: query.type,
    })),
  );
}

/** All zones with all their questions. */
export const wholeMatrix: readonly Variant[] = [
  ...fullVariants,
  ...keyVariants,
  ...brokenVariants,
  ...tamperedVariants,
];

const askedInFull: ReadonlySet<string> = new Set(['full-nsec', 'full-optout', 'tampered', 'unsigned-above']);
const representative: ReadonlySet<string> = new Set([
  ...['host A', 'nowhere A', 'any.wild TXT'],
  // Of the full zones that are not asked in full.
  ...['the.ent A', 'wild TXT', 'kid DS', 'open DS', 'host.open A', 'gone A'],
]);

/** Every kind of zone with a few of its questions, and some with all: what the normal suite has time for. */
export const shortMatrix: readonly Variant[] = wholeMatrix
  .filter(({ label }) => label !== 'tampered-nsec3')
  .map((variant) => ({
    ...variant,
    queries: variant.queries.filter(
      ({ name, type }) => askedInFull.has(variant.label) || representative.has(`${name} ${type}`),
    ),
  }));
