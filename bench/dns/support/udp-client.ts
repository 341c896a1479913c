// The leanest way to put a question to a server from Node: one connected UDP socket for all questions, replies told
// apart by their ids alone. Peers are asked through it, so that no transport of theirs is to blame.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Question } from '@countersign/dns';
import { queryFor } from './tree.js';

export interface UdpClient {
  /** Rejects when nothing comes back within two seconds. */
  ask(question: Question): Promise<Buffer>;
  close(): void;
}

const timeoutMs = 2000;

/** A client of a server on 127.0.0.1. */
export async function createUdpClient(port: number): Promise<UdpClient> {
  const socket = createSocket('udp4');
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const waiting = new Map<number, (reply: Buffer) => void>();
  let nextId = 0;
  socket.on('message', (reply) => {
    const id = reply.readUInt16BE(0);
    const settle = waiting.get(id);
    waiting.delete(id);
    settle?.(reply);
  });
  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        nextId = (nextId + 1) & 0xffff;
        const id = nextId;
        const timer = setTimeout(() => {
          waiting.delete(id);
          reject(new Error(`No reply on port ${port} for ${question.name}`));
        }, timeoutMs);
        waiting.set(id, (reply) => {
          clearTimeout(timer);
          resolve(reply);
        });
        socket.send(queryFor(question, id));
      }),
    close: () => socket.close(),
  };
}
