// `npm start`: makes the workspace ready and runs the demo. Arguments after `--` go to the demo.

import { join } from 'node:path';
import { argv, execPath } from 'node:process';
import { root, run } from './run.mjs';
import { main, prepare } from './setup.mjs';

await main(async () => {
  await prepare();
  return run(execPath, [join(root, 'packages', 'cli', 'dist', 'bin.js'), 'demo', ...argv.slice(2)]);
});
