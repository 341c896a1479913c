// What validation costs beside the signatures' own arithmetic, with every answer in memory.

import { createResolver, type Resolver, RrType } from '@countersign/dns';
import { compare } from '../compare.js';
import type { Measure } from '../measure.js';
import { bareChecks, chainQuestions, verifyAll } from './support/bare.js';
import { loadRelaycorp } from './support/relaycorp.js';
import { secure } from './support/secure.js';
import { ask, createReplies, createTree, inMemory } from './support/tree.js';

const hostCount = 400;
const coldLookups = 50;

const tree = createTree(hostCount + 1);
const replies = createReplies(tree);
const [first, ...hosts] = tree.hosts;
if (first === undefined) throw new Error('A tree without hosts');
const options = { anchors: tree.anchors, exchange: inMemory(replies) };

/** A resolver that has validated the zone's keys, and nothing else of what follows. */
async function withZoneKeys(): Promise<Resolver> {
  const resolver = createResolver(options);
  await secure(resolver, first ?? '', RrType.A);
  return resolver;
}

const coldSide = {
  name: 'ours',
  operations: coldLookups,
  run: async () => {
    for (const host of hosts.slice(0, coldLookups)) await secure(createResolver(options), host, RrType.A);
  },
};

export const measures: readonly Measure[] = [
  {
    name: 'validation, zone keys cached',
    better: 'lower',
    bar: 1.3,
    measure: () => {
      const checks = bareChecks(
        replies,
        first,
        hosts.map((host) => ask(host, RrType.A)),
      );
      let resolver: Resolver;
      return compare(
        {
          name: 'packet in to verdict out',
          operations: hosts.length,
          prepare: async () => {
            resolver = await withZoneKeys();
          },
          run: async () => {
            for (const host of hosts) await secure(resolver, host, RrType.A);
          },
        },
        { name: 'bare crypto.verify', operations: checks.length, run: () => verifyAll(checks) },
        { clock: 'cpu' },
      );
    },
  },
  {
    name: 'cold chain, by 6 verifications',
    better: 'lower',
    bar: 1.5,
    measure: () => {
      const checks = bareChecks(replies, first, chainQuestions(first));
      return compare(
        coldSide,
        {
          name: 'six bare crypto.verify',
          operations: coldLookups,
          run: () => {
            for (let left = coldLookups; left > 0; left -= 1) verifyAll(checks);
          },
        },
        { clock: 'cpu' },
      );
    },
  },
  {
    name: 'cold chain, by @relaycorp/dnssec',
    better: 'lower',
    // The floor bar over what the peer takes of the same floor: 1.5 by 3.3.
    bar: 0.45,
    measure: async () => {
      const relaycorp = await loadRelaycorp(tree.anchors);
      return compare(
        coldSide,
        {
          name: '@relaycorp/dnssec',
          operations: coldLookups,
          run: async () => {
            for (const host of hosts.slice(0, coldLookups)) {
              await relaycorp.lookUp(host, async (question) => Buffer.from(replies(question)));
            }
          },
        },
        { clock: 'cpu' },
      );
    },
  },
];
