// Unbound as a validating resolver in front of the authority, its caches emptied through its control socket.

import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DnsName, RrType } from '@countersign/dns';
import { PeerMissing } from '../../measure.js';
import type { Authority } from './authority.js';
import { ask } from './tree.js';
import { createUdpClient } from './udp-client.js';

const readyTimeoutMs = 10_000;
const adBit = 0x20;

export interface Unbound {
  /** Looks a host's address up; throws unless Unbound vouches for it. */
  lookUp(host: DnsName): Promise<void>;
  /** Forgets every answer and every key; what it knows of the authority's speed stays. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/** @throws PeerMissing */
export async function startUnbound(authority: Authority): Promise<Unbound> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  const control = join(folder, 'control');
  const port = await freePort();
  await writeFile(join(folder, 'unbound.conf'), configuration(folder, control, port, authority));
  const child = spawn('unbound', ['-d', '-c', join(folder, 'unbound.conf')], {
    // Servers stand where a user's search path often does not lead.
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin` },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit').catch((error: unknown) => error);
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    process.off('exit', kill);
    kill();
    if (child.pid !== undefined) await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.race([answers(control), ended.then(refuse)]);
  } catch (error) {
    await stop();
    throw error;
  }
  const client = await createUdpClient(port);
  return {
    async lookUp(host) {
      const reply = await client.ask(ask(host, RrType.A));
      if (((reply[3] ?? 0) & adBit) === 0) throw new Error(`Unbound does not vouch for ${host}`);
    },
    async flush() {
      const said = await command(control, 'flush_zone .');
      if (!said.startsWith('ok')) throw new Error(`Unbound did not flush: ${said}`);
    },
    async stop() {
      client.close();
      await stop();
    },
  };
}

function refuse(outcome: unknown): never {
  if (outcome instanceof Error && 'code' in outcome && outcome.code === 'ENOENT') {
    throw new PeerMissing('unbound (Debian package unbound) is not installed');
  }
  throw new Error(`Unbound ended before it answered: ${String(outcome)}`);
}

function configuration(folder: string, control: string, port: number, authority: Authority): string {
  return [
    'server:',
    `  interface: 127.0.0.1@${port}`,
    '  do-ip6: no',
    '  do-daemonize: no',
    '  username: ""',
    '  chroot: ""',
    `  directory: "${folder}"`,
    '  pidfile: ""',
    '  use-syslog: no',
    '  verbosity: 0',
    '  num-threads: 1',
    '  module-config: "validator iterator"',
    `  trust-anchor: "${authority.anchorLine}"`,
    '  do-not-query-localhost: no',
    'remote-control:',
    '  control-enable: yes',
    `  control-interface: ${control}`,
    '  control-use-cert: no',
    // A recursive server, as users have it: from the root down, with the one authority behind it that we ask.
    'stub-zone:',
    '  name: "."',
    `  stub-addr: 127.0.0.1@${authority.port}`,
    '',
  ].join('\n');
}

/** One command over the control socket, in the protocol of unbound-control, and what Unbound says to it. */
async function command(control: string, text: string): Promise<string> {
  const socket = connect(control);
  socket.setEncoding('utf8');
  socket.end(`UBCT1 ${text}\n`);
  let said = '';
  for await (const chunk of socket) said += chunk;
  return said;
}

async function answers(control: string): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs;
  for (;;) {
    try {
      await command(control, 'status');
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error('Unbound does not answer', { cause: error });
      await sleep(50);
    }
  }
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
