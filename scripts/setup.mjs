// Makes the workspace ready to run: dependencies from the lockfile and the build, each only when stale.
// Plain Node, because it runs before anything is installed. `node scripts/setup.mjs` does just this.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process, {
  arch,
  argv,
  env,
  execPath,
  exit,
  kill,
  pid,
  platform,
  version,
  versions,
} from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { bundle } from './bundle.mjs';
import { root, run } from './run.mjs';

/** What these scripts remember between runs; git ignores it. */
export const stateFolder = join(root, '.countersign');

const stampFile = join(root, 'node_modules', '.countersign-install');
const lockFile = join(stateFolder, 'setup.lock');
const lockWaitMs = 10 * 60_000;

/** Stops a script with one line on standard error: something the reader can act on, without a stack. */
export class SetupError extends Error {}

/** Runs a script's main function and ends the process with the code that it returns. */
export async function main(body) {
  try {
    exit(await body());
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    exit(1);
  }
}

/** Installs and builds what is stale. Runs at the same time wait for one another. */
export async function prepare() {
  const [major = 0, minor = 0] = versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new SetupError(`Countersign needs Node 20.19 or later; this is ${version}.`);
  }
  await locked(async () => {
    await installDependencies();
    await build();
  });
}

/** Holds the set-up lock of this clone while `body` runs; the lock of a process that is gone is broken. */
export async function locked(body) {
  mkdirSync(stateFolder, { recursive: true });
  const deadline = Date.now() + lockWaitMs;
  for (let told = false; !takeLock(); ) {
    if (Date.now() > deadline)
      throw new SetupError(
        `Another set-up has held ${lockFile} for ten minutes. If none is running, remove that file.`,
      );
    if (!told) console.log('Waiting for another set-up of this clone…');
    told = true;
    await sleep(100);
  }
  const release = () => rmSync(lockFile, { force: true });
  process.once('exit', release);
  try {
    return await body();
  } finally {
    process.off('exit', release);
    release();
  }
}

function takeLock() {
  try {
    writeFileSync(lockFile, String(pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const holder = Number(readIfThere(lockFile));
  // An empty file is a lock that is being written this moment.
  if (holder > 0 && !isRunning(holder)) rmSync(lockFile, { force: true });
  return false;
}

function isRunning(holder) {
  try {
    kill(holder, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function installDependencies() {
  const wanted = installStamp();
  const stamp = readIfThere(stampFile);
  if (stamp === wanted) return;
  if (stamp !== undefined || !isInstalledByHand()) {
    console.log('Installing dependencies from package-lock.json…');
    const npm = env.npm_execpath?.endsWith('.js') ? [execPath, env.npm_execpath] : ['npm'];
    const [command, ...prefix] = npm;
    // The build tools are development and optional packages: a machine's own npm settings must not leave them out.
    const args = [...prefix, 'ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
    const code = await run(command, args, { shell: npm.length === 1 && platform === 'win32' });
    if (code !== 0) throw new SetupError(`npm ci failed with exit code ${code}; its message is above.`);
  }
  writeFileSync(stampFile, wanted);
}

/** Changes whenever an installed tree may no longer fit: the lockfile, any package.json, another Node. */
function installStamp() {
  const hash = createHash('sha256');
  hash.update(`${versions.modules} ${platform} ${arch}\n`);
  const manifests = readdirSync(join(root, 'packages'))
    .sort()
    .map((name) => join('packages', name, 'package.json'));
  for (const path of ['package-lock.json', 'package.json', ...manifests]) {
    const text = readIfThere(join(root, path));
    if (text !== undefined) hash.update(`${path}\0${text}\0`);
  }
  return hash.digest('hex');
}

/** True when `npm ci` was run by hand: npm's own note of what it installed agrees with the lockfile. */
function isInstalledByHand() {
  const note = readIfThere(join(root, 'node_modules', '.package-lock.json'));
  if (note === undefined) return false;
  const installed = JSON.parse(note).packages;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/')) return true;
    const found = installed[path];
    if (found === undefined) return entry.optional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

async function build() {
  // tsc decides by itself what is stale, in a fraction of a second when nothing is.
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  if (!existsSync(compiler))
    throw new SetupError('node_modules is incomplete: remove it and run this again.');
  if ((await run(execPath, [compiler, '-b'])) !== 0) throw new SetupError('The build failed.');
  await bundle();
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}

if (argv[1] !== undefined && import.meta.url === pathToFileURL(argv[1]).href) {
  await main(async () => {
    await prepare();
    return 0;
  });
}
