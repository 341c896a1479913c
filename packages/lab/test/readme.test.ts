// The README's examples run as they are printed, and end by themselves.

import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);
// Inside the workspace, so that an example finds the packages as a user's project would.
const folder = fileURLToPath(new URL('../../../.countersign/lab-readme', import.meta.url));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('an example of the README', () => {
  it('is there for each part', () => {
    expect(examples).toHaveLength(3);
  });

  it.each(examples.map((code, index) => [index + 1, code] as const))(
    'runs and ends: %i',
    async (index, code) => {
      await mkdir(folder, { recursive: true });
      const file = `${folder}/example-${index}.mjs`;
      await writeFile(file, code);
      const { stderr } = await promisify(execFile)(process.execPath, [file], { timeout: 20_000 });
      expect(stderr).toBe('');
    },
  );
});
