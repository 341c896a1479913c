// Puts the many small modules of a package's build into few files, for packages that must load fast: node takes about
// a millisecond for each module file. The parts that are imported when first used stay files of their own.

import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

/** What is bundled: the package's build folder and the modules that its `exports` name. */
const bundles = [{ folder: join(root, 'packages', 'dns', 'dist'), entries: ['index', 'config'] }];

/** Makes every bundle that is older than the build that it is made of. */
export async function bundle() {
  for (const { folder, entries } of bundles) {
    const target = join(folder, 'bundle');
    const made = Math.min(...entries.map((entry) => timeOf(join(target, `${entry}.js`))));
    if (made > newestModule(folder)) continue;
    // Only here, because it is not yet installed when this file is read.
    const { rolldown } = await import('rolldown');
    const input = Object.fromEntries(entries.map((entry) => [entry, join(folder, `${entry}.js`)]));
    const build = await rolldown({ input, platform: 'node', external: (id) => /^(node:|@|[a-z])/.test(id) });
    rmSync(target, { recursive: true, force: true });
    await build.write({ dir: target, format: 'esm', chunkFileNames: '[name].js' });
    await build.close();
  }
}

function newestModule(folder) {
  const modules = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('.js') && !path.startsWith('bundle'));
  return Math.max(...modules.map((path) => timeOf(join(folder, path))));
}

function timeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
