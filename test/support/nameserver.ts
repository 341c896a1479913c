// The name servers of the tests: BIND's named and NSD, authoritative for every zone of a tree on one loopback port
// each, and Unbound as the validating recursive server in front of one of them.

import { Resolver } from 'node:dns/promises';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onFreePort } from './port.js';
import { type Daemon, startDaemon } from './program.js';
import type { ZoneFile } from './zone.js';

/** A name server on 127.0.0.1. */
export interface NameServer extends Daemon {
  readonly port: number;
}

/** Starts named for these zones, without recursion. */
export function startNamed(folder: string, zones: readonly ZoneFile[]): Promise<NameServer> {
  return onFreePort(async (port) => {
    const config = join(folder, 'named.conf');
    await writeFile(
      config,
      [
        'options {',
        `  directory "${folder}";`,
        `  listen-on port ${port} { 127.0.0.1; };`,
        '  listen-on-v6 { none; };',
        '  pid-file none; session-keyfile none;',
        '  recursion no; dnssec-validation no; notify no; allow-transfer { none; };',
        '};',
        'controls { };',
        ...zones.map(
          ({ origin, path }) => `zone "${origin}" { type primary; file "${path}"; check-names ignore; };`,
        ),
        '',
      ].join('\n'),
    );
    const args = ['-g', '-4', '-n', '1', '-c', config];
    return { port, ...(await startDaemon('named', args, () => answersFor(port), { cwd: folder })) };
  });
}

/** Starts NSD for these zones. */
export function startNsd(folder: string, zones: readonly ZoneFile[]): Promise<NameServer> {
  return onFreePort(async (port) => {
    const home = join(folder, 'nsd');
    await mkdir(home, { recursive: true });
    const config = join(home, 'nsd.conf');
    await writeFile(
      config,
      [
        'server:',
        `  ip-address: 127.0.0.1@${port}`,
        '  do-ip6: no',
        '  server-count: 1',
        '  username: ""',
        `  zonesdir: "${folder}"`,
        '  database: ""',
        `  zonelistfile: "${join(home, 'zone.list')}"`,
        `  xfrdfile: "${join(home, 'xfrd.state')}"`,
        `  xfrdir: "${home}"`,
        '  pidfile: ""',
        // Many tests ask from one address; NSD would take them for an attack.
        '  rrl-ratelimit: 0',
        'remote-control:',
        '  control-enable: no',
        ...zones.flatMap(({ origin, path }) => ['zone:', `  name: "${origin}"`, `  zonefile: "${path}"`]),
        '',
      ].join('\n'),
    );
    return {
      port,
      ...(await startDaemon('nsd', ['-d', '-c', config], () => answersFor(port), { cwd: home })),
    };
  });
}

/** Starts Unbound, which asks the server on `authorityPort` for everything and trusts the anchors of a file. */
export function startUnbound(
  folder: string,
  zones: readonly ZoneFile[],
  authorityPort: number,
  anchorFile: string,
): Promise<NameServer> {
  return onFreePort(async (port) => {
    const home = join(folder, `unbound-${authorityPort}`);
    await mkdir(home, { recursive: true });
    const config = join(home, 'unbound.conf');
    await writeFile(
      config,
      [
        'server:',
        `  interface: 127.0.0.1@${port}`,
        '  do-ip6: no',
        '  do-daemonize: no',
        '  username: ""',
        '  chroot: ""',
        `  directory: "${home}"`,
        '  pidfile: ""',
        '  use-syslog: no',
        '  logfile: ""',
        '  num-threads: 1',
        '  module-config: "validator iterator"',
        `  trust-anchor-file: "${anchorFile}"`,
        '  do-not-query-localhost: no',
        '  val-log-level: 2',
        // Each question stands for itself: no answer is made up from the proofs of another.
        '  aggressive-nsec: no',
        '  ede: yes',
        'remote-control:',
        '  control-enable: no',
        // One server answers for all zones, so its port is told for each: a referral could not carry it.
        ...zones.flatMap(({ origin }) => [
          'stub-zone:',
          `  name: "${origin}"`,
          `  stub-addr: 127.0.0.1@${authorityPort}`,
        ]),
        '',
      ].join('\n'),
    );
    const args = ['-d', '-c', config];
    return { port, ...(await startDaemon('unbound', args, () => answersFor(port), { cwd: home })) };
  });
}

/** Resolves once the server answers a query for the TLD's name servers. */
async function answersFor(port: number): Promise<void> {
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([`127.0.0.1:${port}`]);
  await resolver.resolveNs('example');
}
