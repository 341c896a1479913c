// The README's promises: the example runs as it is printed, and the demo prints what is shown there.

import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
// Inside the workspace, so that the example finds the packages as a user's project would.
const folder = `${root}.countersign/readme`;
const readme = await readFile(`${root}README.md`, 'utf8');

/** What changes from run to run: ports, times, hashes, and the spaces that line them up. */
function withoutChance(text: string): string[] {
  return text
    .replace(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, 'TIME')
    .replace(/[0-9a-f]{16}…/g, 'HASH…')
    .replace(/(:|_)\d{4,5}\b/g, '$1PORT')
    .split(/\s+/)
    .filter((word) => word !== '');
}

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the README', () => {
  it('has a library example of at most ten statements that runs and calls the agent', async () => {
    const [, example = ''] = /```js\n([\s\S]*?)```/.exec(readme) ?? [];
    expect(example.split('\n').filter((line) => line !== '').length).toBeLessThanOrEqual(10);
    await mkdir(folder, { recursive: true });
    await writeFile(`${folder}/example.mjs`, example);
    const { stdout, stderr } = await run(process.execPath, [`${folder}/example.mjs`], { timeout: 20_000 });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^Oslo: .+\n$/);
  });

  it('can say `npx countersign`: the command is linked by the install alone', async () => {
    const { stdout } = await run(`${root}node_modules/.bin/countersign`, ['--version'], { timeout: 20_000 });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('shows what the demo prints', async () => {
    const [, shown = ''] = /<!-- demo -->\s*```text\n([\s\S]*?)```/.exec(readme) ?? [];
    const { stdout } = await run(process.execPath, [`${root}packages/cli/dist/bin.js`, 'demo'], {
      timeout: 20_000,
    });
    expect(withoutChance(stdout)).toEqual(withoutChance(shown));
  });
});
