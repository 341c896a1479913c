// The authority that resolvers are timed against: the signed tree on a loopback port, in a process of its own, so that
// its work is not counted as ours. It keeps the octets of every reply: the second asking costs next to nothing.

import { fork } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { decodeMessage, encodeMessage, parseAnchors, type TrustAnchor } from '@countersign/dns';
import { respond } from '@countersign/lab';
import { createTree } from './tree.js';

/** A running authority. */
export interface Authority {
  readonly port: number;
  readonly anchors: readonly TrustAnchor[];
  /** The root's DS as a line of a trust anchor file. */
  readonly anchorLine: string;
  stop(): void;
}

interface Ready {
  readonly port: number;
  readonly anchorLine: string;
}

/** Starts the authority for a tree with so many hosts. */
export async function startAuthority(hostCount: number): Promise<Authority> {
  const child = fork(fileURLToPath(import.meta.url), [String(hostCount)], { stdio: ['ignore', 2, 2, 'ipc'] });
  const ready = await Promise.race([
    once(child, 'message').then(([message]): Ready => message),
    once(child, 'exit').then(([code]) => {
      throw new Error(`The authority ended before it served (exit code ${code})`);
    }),
  ]);
  return {
    ...ready,
    anchors: parseAnchors(ready.anchorLine),
    stop: () => child.kill(),
  };
}

async function serve(hostCount: number): Promise<Ready> {
  const tree = createTree(hostCount);
  const replies = new Map<string, Uint8Array>();
  const answer = (query: Buffer): Uint8Array => {
    const key = query.toString('latin1', 2);
    const known = replies.get(key);
    const reply = known ?? encodeMessage(respond(tree.zones, decodeMessage(query)));
    if (known === undefined) replies.set(key, reply);
    reply.set(query.subarray(0, 2));
    return reply;
  };
  // Signs every zone before the first query.
  for (const zone of tree.zones) zone.current();
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    // A copy, because the next query may change the id before this reply has gone.
    socket.send(Uint8Array.from(answer(query)), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const digest = Buffer.from(tree.rootDs.subarray(4)).toString('hex');
  const [high = 0, low = 0, algorithm, digestType] = tree.rootDs;
  return {
    port: socket.address().port,
    anchorLine: `. IN DS ${(high << 8) | low} ${algorithm} ${digestType} ${digest}`,
  };
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  // Nobody is left to serve.
  process.once('disconnect', () => process.exit());
  process.send(await serve(Number(process.argv[2])));
}
