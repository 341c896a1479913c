// `npm test`: makes the workspace and the real servers ready and runs the tests. Arguments after `--` go to
// vitest, for instance `npm test -- packages/dns`.

import { join } from 'node:path';
import { argv, execPath } from 'node:process';
import { root, run } from './run.mjs';
import { installServers } from './servers.mjs';
import { locked, main, prepare } from './setup.mjs';

await main(async () => {
  await prepare();
  await locked(installServers);
  return run(execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...argv.slice(2)]);
});
