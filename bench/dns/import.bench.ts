// What importing the package adds to the start of a program.

import { spawnSync } from 'node:child_process';
import { median, microseconds, sample, spread } from '../compare.js';
import type { Measure } from '../measure.js';

const wantedMs = 25;
const rounds = 41;
const entry = import.meta.resolve('@countersign/dns');

function start(code: string): void {
  const { status, stderr } = spawnSync(process.execPath, ['-e', code], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0) throw new Error(`node -e ${code} ended with ${status}: ${stderr}`);
}

export const measures: readonly Measure[] = [
  {
    name: 'import, by 25 ms more than node -e 0',
    better: 'lower',
    bar: 1,
    measure: async () => {
      const once = { clock: 'wall', rounds: 1, warmups: 0 } as const;
      const pairs: { readonly ours: number; readonly bare: number }[] = [];
      for (let round = -3; round < rounds; round += 1) {
        const code = `import(${JSON.stringify(entry)})`;
        const [ours = 0] = await sample({ name: 'ours', operations: 1, run: () => start(code) }, once);
        const [bare = 0] = await sample({ name: 'bare', operations: 1, run: () => start('0') }, once);
        if (round >= 0) pairs.push({ ours, bare });
      }
      const added = pairs.map(({ ours, bare }) => ours - bare);
      return {
        ratio: median(added) / (wantedMs * 1000),
        noise: spread(added),
        detail:
          `import('@countersign/dns') ${microseconds(median(pairs.map(({ ours }) => ours)))}, ` +
          `node -e 0 ${microseconds(median(pairs.map(({ bare }) => bare)))} (wall time, ${rounds} rounds)`,
      };
    },
  },
];
