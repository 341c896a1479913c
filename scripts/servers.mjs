// The real servers that tests need, and how a machine gets them: Debian packages, installed as root and not
// started. A suite asks for them by name (test/servers.ts) and is skipped where they cannot be had.

import { accessSync, constants, existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process, { env, getuid } from 'node:process';
import { run } from './run.mjs';
import { stateFolder } from './setup.mjs';

/** One line a server: a later suite adds the line of what it needs. */
export const servers = [
  { name: 'named', package: 'bind9', binaries: ['named', 'named-rrchecker'] },
  {
    name: 'dnssec-signzone',
    package: 'bind9-utils',
    binaries: ['dnssec-keygen', 'dnssec-signzone', 'dnssec-dsfromkey', 'dnssec-revoke', 'named-compilezone'],
  },
  { name: 'delv', package: 'bind9-dnsutils', binaries: ['delv', 'dig'] },
  { name: 'unbound', package: 'unbound', binaries: ['unbound'] },
  { name: 'nsd', package: 'nsd', binaries: ['nsd'] },
  { name: 'ldns-signzone', package: 'ldnsutils', binaries: ['ldns-signzone', 'ldns-key2ds'] },
  { name: 'nginx', package: 'nginx', binaries: ['nginx'] },
  { name: 'openssl', package: 'openssl', binaries: ['openssl'] },
];

// A user's search path often leaves out the folders where Debian puts servers.
const folders = [...(env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The path of a program, or undefined when it is not installed. */
export function findBinary(name) {
  return folders.map((folder) => join(folder || '.', name)).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Those of the named servers (default: all) that are not installed. */
export function missingServers(names = servers.map((server) => server.name)) {
  return names.map(serverNamed).filter((server) => !server.binaries.every((binary) => findBinary(binary)));
}

function serverNamed(name) {
  const server = servers.find((one) => one.name === name);
  if (server === undefined)
    throw new Error(`No server "${name}" in scripts/servers.mjs: add its line there.`);
  return server;
}

const failureMark = join(stateFolder, 'servers-unavailable');
const retryAfterMs = 60 * 60_000;
const commandTimeoutMs = 5 * 60_000;

/** Installs the servers that are missing, when this is root on a Debian machine; otherwise does nothing. */
export async function installServers() {
  const packages = missingServers().map((server) => server.package);
  if (packages.length === 0 || getuid?.() !== 0 || !existsSync('/etc/debian_version')) return;
  if (!findBinary('apt-get') || triedLately()) return;
  console.log(`Installing servers for the tests: ${packages.join(' ')}…`);
  const code = await withServicesOff(() => aptInstall(packages));
  if (code === 0) {
    rmSync(failureMark, { force: true });
    return;
  }
  writeFileSync(failureMark, packages.join('\n'));
  console.log(`apt-get failed (exit code ${code}): the suites that need ${packages.join(', ')} cannot run.`);
}

/** A machine that cannot reach its mirror should not wait for it on every run. */
function triedLately() {
  if (env.CI === 'true' || !existsSync(failureMark)) return false;
  return Date.now() - statSync(failureMark).mtimeMs < retryAfterMs;
}

async function aptInstall(packages) {
  const apt = (...args) =>
    run(
      'apt-get',
      ['-q', '-y', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::http::Timeout=20', ...args],
      {
        env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
        timeoutMs: commandTimeoutMs,
      },
    );
  // A list that is only partly refreshed may still do: the installation itself decides.
  await apt('update');
  return apt('install', '--no-install-recommends', ...packages);
}

/** Debian starts a server when it installs it, unless this file says no; one that is there already is left alone. */
async function withServicesOff(body) {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return body();
  const remove = () => rmSync(policy, { force: true });
  process.once('exit', remove);
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await body();
  } finally {
    process.off('exit', remove);
    remove();
  }
}
