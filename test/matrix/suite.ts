// The agreement of validators as tests: one for every question of the matrix.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serverSuite } from '../servers.js';
import { type Case, casesOf } from './cases.js';
import { differences, type Witness } from './differences.js';
import type { Variant } from './variant.js';
import { type Judgement, judge, type Testimony } from './world.js';

const setUpTimeoutMs = 10 * 60_000;
const witnesses: readonly Witness[] = [
  'ours',
  'oursOnNsd',
  'oursWithSha1',
  'unbound',
  'unboundOnNsd',
  'delv',
];

/** What the matrix expects a witness to say: the same as all, but for the documented differences. */
function expected(one: Case, witness: Witness, said: string | undefined): Testimony {
  const difference = differences.find(({ who, where }) => who.includes(witness) && where(one));
  const allowed = difference?.says ?? [one.query.status];
  const status = allowed.find((each) => each === said) ?? allowed[0] ?? one.query.status;
  return status === 'secure' || status === 'insecure' ? { status, rcode: one.query.rcode } : { status };
}

/** Describes the agreement of our resolver, Unbound and delv over these zones. */
export function matrixSuite(title: string, variants: readonly Variant[]): void {
  serverSuite(title, ['named', 'nsd', 'dnssec-signzone', 'ldns-signzone', 'delv', 'unbound'], () => {
    const cases = casesOf(variants);
    let folder: string;
    let judgements: ReadonlyMap<Case, Judgement>;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'countersign-matrix-'));
      judgements = await judge(folder, variants, cases);
    }, setUpTimeoutMs);
    afterAll(() => rm(folder, { recursive: true, force: true }));

    test('has at least 500 questions, no two of them alike', () => {
      expect(cases.length).toBeGreaterThanOrEqual(500);
      expect(new Set(cases.map(({ name, type }) => `${name} ${type}`)).size).toBe(cases.length);
    });

    test.each(differences)('$who differ where an RFC allows it: $because', ({ who, where, says }) => {
      const met = cases.filter(where);
      expect(met.length).toBeGreaterThan(0);
      expect(who.length).toBeGreaterThan(0);
      for (const { query } of met) expect(says.some((status) => status !== query.status)).toBe(true);
    });

    test.each(cases.map((one) => [one.name, one.type, one.query.status, one] as const))(
      '%s %s is %s',
      (_name, _type, _status, one) => {
        const judgement = judgements.get(one);
        const wanted = Object.fromEntries(
          witnesses.map((witness) => [
            witness,
            expected(one, witness, judgement?.testimonies[witness].status),
          ]),
        );
        expect(judgement?.testimonies, judgement?.why).toEqual(wanted);
        const { ede } = one.variant;
        const { status } = wanted.ours ?? {};
        if (ede !== undefined && (status === 'bogus' || status === 'insecure'))
          expect(judgement?.ede, judgement?.why).toBe(ede);
      },
    );
  });
}
