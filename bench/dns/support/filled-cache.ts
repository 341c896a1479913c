// A resolver whose cache is filled with names of an unsigned zone, in a process of its own with nothing else in it;
// answers come from memory, as copies, so that each stands for a datagram.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  createResolver,
  DnsName,
  decodeMessage,
  type Exchange,
  encodeMessage,
  parseRdata,
  Rcode,
  type Resolver,
  RrClass,
  RrType,
} from '@countersign/dns';
import { createReplies, createTree } from './tree.js';

/** What the cache weighs. */
export interface Filled {
  /** What the process takes of the machine's memory more than with an empty cache. */
  readonly residentMegabytes: number;
  /** What is alive more than with an empty cache, buffers outside the heap included. */
  readonly heapMegabytes: number;
  /** The share of 1000 names, spread over all, that were answered without asking again. */
  readonly held: number;
  readonly seconds: number;
}

const megabyte = 1_000_000;
const probes = 1000;

/**
 * Fills a cache in a child process.
 *
 * @param maxBytes the bound that the cache is given
 */
export async function fillInProcess(rrsets: number, maxBytes: number): Promise<Filled> {
  const child = fork(fileURLToPath(import.meta.url), [String(rrsets), String(maxBytes)], {
    execArgv: ['--expose-gc', '--max-old-space-size=4096'],
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  return Promise.race([
    once(child, 'message').then(([message]): Filled => message),
    once(child, 'exit').then(([code, signal]) => {
      throw new Error(`the process that fills a cache ended early (${code ?? signal})`);
    }),
  ]);
}

const nameOf = (index: number): string => `host${String(index).padStart(7, '0')}.island.example`;

/** Answers every address question of the island by writing the name into a prepared reply. */
function createIsland(maxBytes: number): { readonly asked: () => number; resolver(): Resolver } {
  const tree = createTree(1);
  const replies = createReplies(tree);
  const reply = (answered: boolean): Uint8Array =>
    encodeMessage({
      id: 1,
      opcode: 0,
      flags: { qr: true, aa: true, tc: false, rd: true, ra: false, ad: false, cd: true },
      rcode: Rcode.NOERROR,
      questions: [
        { name: DnsName.parse(nameOf(0)), type: answered ? RrType.A : RrType.DS, class: RrClass.IN },
      ],
      answers: answered
        ? [
            {
              name: DnsName.parse(nameOf(0)),
              type: RrType.A,
              class: RrClass.IN,
              ttl: 86_400,
              rdata: parseRdata(RrType.A, '192.0.2.1'),
            },
          ]
        : [],
      authorities: [],
      additionals: [],
    });
  const address = reply(true);
  const nothing = reply(false);
  let asked = 0;
  const exchange: Exchange = async (question) => {
    if (question.name.labelCount < 3) return decodeMessage(replies(question));
    if (question.type === RrType.A) asked += 1;
    const octets = Uint8Array.from(question.type === RrType.A ? address : nothing);
    // The question's name stands behind the header; the owner of the answer points at it.
    octets.set(question.name.wire, 12);
    return decodeMessage(octets);
  };
  return {
    asked: () => asked,
    resolver: () => createResolver({ anchors: tree.anchors, exchange, maxCacheBytes: maxBytes }),
  };
}

async function look(resolver: Resolver, index: number): Promise<void> {
  // Answers that come over a socket let timers and finalizers run in between.
  if (index % 1000 === 0) await nextTurn();
  const { status, why } = await resolver.resolve(nameOf(index), RrType.A);
  if (status !== 'insecure') throw new Error(`${nameOf(index)} is ${status}: ${why}`);
}

function weigh(): { readonly resident: number; readonly live: number } {
  for (let passes = 3; passes > 0; passes -= 1) globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { resident: rss, live: heapUsed + external };
}

async function fill(rrsets: number, maxBytes: number): Promise<Filled> {
  const island = createIsland(maxBytes);
  // Everything is compiled and every page that garbage needs is there before the empty cache is weighed.
  const scratch = island.resolver();
  for (let index = 0; index < 20_000; index += 1) await look(scratch, index);
  const resolver = island.resolver();
  await look(resolver, 0);
  const before = weigh();
  const startedAt = performance.now();
  for (let index = 0; index < rrsets; index += 1) await look(resolver, index);
  const seconds = (performance.now() - startedAt) / 1000;
  const after = weigh();
  const askedBefore = island.asked();
  const step = rrsets / probes;
  for (let probe = 0; probe < probes; probe += 1) await look(resolver, Math.floor(probe * step));
  return {
    residentMegabytes: (after.resident - before.resident) / megabyte,
    heapMegabytes: (after.live - before.live) / megabyte,
    held: 1 - (island.asked() - askedBefore) / probes,
    seconds,
  };
}

if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) {
  process.send(await fill(Number(process.argv[2]), Number(process.argv[3])));
  process.disconnect();
}
