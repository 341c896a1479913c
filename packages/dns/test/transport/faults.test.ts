// Faults of name servers in every order: whatever comes first, the honest answer behind it is taken, or the lookup
// ends with a typed error within its deadline.

import { respond } from '@countersign/lab';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DnsError } from '../../src/error.js';
import { decodeMessage, encodeMessage } from '../../src/message.js';
import { RrType } from '../../src/rrtype.js';
import { createExchange } from '../../src/transport/exchange.js';
import { createTree } from '../support/tree.js';
import {
  type Behaviour,
  framed,
  type MisbehavingServer,
  question,
  replyTo,
  startServer,
  truncated,
} from './misbehaving.js';

const attemptTimeoutMs = 150;
/** Orders tried side by side: mostly they wait. */
const sideBySide = 10;

/** A server that answers as it should, by what it makes of a query. */
type Honest = (query: Uint8Array) => Uint8Array;
type Fault = (honest: Honest) => Required<Pick<Behaviour, 'udp' | 'tcp'>>;

const cut: NonNullable<Behaviour['udp']> = (query, send) =>
  send(replyTo(query, { flags: truncated, answers: [] }));
const overTcp =
  (tcp: (reply: Uint8Array, socket: Parameters<NonNullable<Behaviour['tcp']>>[1]) => void): Fault =>
  (honest) => ({ udp: cut, tcp: (query, socket) => tcp(honest(query), socket) });
const overUdp =
  (udp: (reply: Uint8Array, send: (octets: Uint8Array) => void) => void): Fault =>
  (honest) => ({ udp: (query, send) => udp(honest(query), send), tcp: (_, socket) => socket.destroy() });

/** Faults after which the same server is worth asking again. */
const passing: Readonly<Record<string, Fault>> = {
  drops: overUdp(() => {}),
  delays: overUdp((reply, send) => {
    setTimeout(() => send(reply), attemptTimeoutMs * 1.5);
  }),
  garbles: overUdp((reply, send) => send(new Uint8Array([...reply, 0]))),
  'answers another id': overUdp((reply, send) =>
    send(reply.map((octet, index) => (index === 0 ? octet ^ 1 : octet))),
  ),
  'is silent over TCP': overTcp(() => {}),
  'breaks off over TCP': overTcp((reply, socket) => socket.end(framed(reply).subarray(0, 20))),
  'garbles over TCP': overTcp((reply, socket) => socket.end(framed(new Uint8Array([...reply, 0])))),
  'truncates over TCP, too': overTcp((_, socket) => socket.end(framed(Uint8Array.of(0, 0, 0x82)))),
};
/** And those after which a lone server counts as not there. */
const lasting: Readonly<Record<string, Fault>> = {
  'closes over TCP': overTcp((_, socket) => socket.end()),
  'resets over TCP': overTcp((_, socket) => socket.resetAndDestroy()),
};
const faults = { ...passing, ...lasting };

const truthful: Fault = (honest) => ({
  udp: (query, send) => send(honest(query)),
  tcp: (query, socket) => socket.end(framed(honest(query))),
});

/** Every way to take `count` of these in order, none twice. */
function arrangements<T>(all: readonly T[], count: number): readonly (readonly T[])[] {
  if (count === 0) return [[]];
  return all.flatMap((first) =>
    arrangements(
      all.filter((other) => other !== first),
      count - 1,
    ).map((rest) => [first, ...rest]),
  );
}

async function forEach<T>(items: readonly T[], body: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await body(item);
  };
  await Promise.all(Array.from({ length: sideBySide }, worker));
}

it('takes the honest answer of one server behind any two of its faults, or ends with a typed error', async () => {
  const timeoutMs = 5000;
  const typed = ['ERR_DNS_UNREACHABLE', 'ERR_DNS_MALFORMED', 'ERR_DNS_TIMEOUT'];
  await forEach(arrangements(Object.keys(faults), 2), async (order) => {
    // A query over TCP belongs to the one over UDP that was cut.
    let at = -1;
    const now = () => faults[order[at] ?? '']?.(replyTo) ?? truthful(replyTo);
    const server = await startServer({
      udp: (query, send, from) => {
        at += 1;
        now().udp(query, send, from);
      },
      tcp: (query, socket) => now().tcp(query, socket),
    });
    const exchange = createExchange({
      servers: [server.address],
      attemptTimeoutMs,
      timeoutMs,
      // More than the faults need, for a machine that is too busy to be honest in time.
      rounds: 6,
      backOffMs: 1,
    });
    const startedAt = performance.now();
    try {
      const outcome = await exchange(question).then(
        ({ answers }) => answers.length,
        (error: unknown) => (error instanceof DnsError ? error.code : `no DnsError: ${error}`),
      );
      const mayEnd = order.some((fault) => fault in lasting);
      const told = order.join(', then ');
      expect(mayEnd ? [1, ...typed] : [1], told).toContain(outcome);
      expect(performance.now() - startedAt, told).toBeLessThan(timeoutMs + 500);
    } finally {
      exchange.close();
      await server.close();
    }
  });
}, 30_000);

const tree = createTree();
const zones = [tree.root, tree.example, tree.acme, tree.island];
const fromZones: Honest = (query) => encodeMessage(respond(zones, decodeMessage(query)));
const chosen = ['drops', 'delays', 'garbles', 'breaks off over TCP', 'closes over TCP'] as const;
const faulty = new Map<string, MisbehavingServer>();
let honest: MisbehavingServer;
beforeAll(async () => {
  for (const fault of chosen) faulty.set(fault, await startServer(faults[fault]?.(fromZones) ?? {}));
  honest = await startServer(truthful(fromZones));
});
afterAll(() => Promise.all([honest, ...faulty.values()].map((server) => server?.close())));

it('reaches the honest verdict when three other servers fail, each in its own way, in any order', async () => {
  await forEach(arrangements(chosen, 3), async (order) => {
    const servers = [...order.flatMap((fault) => faulty.get(fault) ?? []), honest];
    const exchange = createExchange({ servers: servers.map(({ address }) => address), attemptTimeoutMs });
    const lookup = await tree.resolver({ exchange }).resolve('www.acme.example', RrType.A);
    exchange.close();
    expect({ status: lookup.status, answers: lookup.answers.length }, order.join(', then ')).toEqual({
      status: 'secure',
      answers: 1,
    });
  });
}, 30_000);
