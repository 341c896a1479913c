// `npm run bench [-- AREA…] [--json]`: makes the workspace and the peers that are servers ready, builds the measures
// and runs them. With `npm run -s` and `--json`, standard output is one JSON document.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { argv, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { root, run } from './run.mjs';
import { installServers } from './servers.mjs';
import { locked, main, prepare, SetupError } from './setup.mjs';

const onlyPrepare = '--only-prepare';

await main(async () => {
  if (argv.includes(onlyPrepare)) {
    await prepare();
    await locked(installServers);
    return run(execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b', 'bench']);
  }
  // What is said on the way there must not stand before the JSON document: it goes to standard error.
  const { status } = spawnSync(execPath, [fileURLToPath(import.meta.url), onlyPrepare], { stdio: [0, 2, 2] });
  if (status !== 0) throw new SetupError('The measures could not be made ready; the reason is above.');
  return run(execPath, [join(root, 'bench', 'dist', 'run.js'), ...argv.slice(2)]);
});
