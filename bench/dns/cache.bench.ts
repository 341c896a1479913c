// Answers out of the cache: how many a second on one core, and what a million of them weigh.

import { createResolver, RrType } from '@countersign/dns';
import { median, sample, spread } from '../compare.js';
import type { Measure } from '../measure.js';
import { fillInProcess } from './support/filled-cache.js';
import { secure } from './support/secure.js';
import { createReplies, createTree, inMemory } from './support/tree.js';

const wantedPerSecond = 500_000;
const rrsets = 1_000_000;
const wantedMegabytes = 600;
const hostCount = 1000;
const minRoundMs = 50;

export const measures: readonly Measure[] = [
  {
    name: 'cached answers on one core, by 500k/s',
    better: 'higher',
    bar: 1,
    measure: async () => {
      const tree = createTree(hostCount);
      const resolver = createResolver({ anchors: tree.anchors, exchange: inMemory(createReplies(tree)) });
      // As a user asks: by text.
      const names = tree.hosts.map((host) => `${host}`);
      const run = async () => {
        for (const name of names) await secure(resolver, name, RrType.A);
      };
      await run();
      const startedAt = performance.now();
      await run();
      const passes = Math.max(1, Math.ceil(minRoundMs / (performance.now() - startedAt)));
      const times = await sample(
        {
          name: 'ours',
          operations: passes * names.length,
          run: async () => {
            for (let left = passes; left > 0; left -= 1) await run();
          },
        },
        { clock: 'cpu', rounds: 15 },
      );
      const perSecond = 1e6 / median(times);
      return {
        ratio: perSecond / wantedPerSecond,
        noise: spread(times),
        detail: `${Math.round(perSecond)} answers a CPU second, ${names.length} names in turn, ${times.length} rounds`,
      };
    },
  },
  {
    name: 'a million cached RRsets, by 600 MB',
    better: 'lower',
    bar: 1,
    measure: async () => {
      const { residentMegabytes, heapMegabytes, held, seconds } = await fillInProcess(
        rrsets,
        wantedMegabytes * 1_000_000,
      );
      const detail =
        `${Math.round(residentMegabytes)} MB resident, ${Math.round(heapMegabytes)} MB of it live after collection; ` +
        `filled in ${Math.round(seconds)} s`;
      // What was dropped weighs nothing.
      if (held < 1)
        throw new Error(`only ${Math.round(held * 100)}% of ${rrsets} were still cached: ${detail}`);
      return { ratio: residentMegabytes / wantedMegabytes, noise: 0, detail: `${detail}; one run` };
    },
  },
];
