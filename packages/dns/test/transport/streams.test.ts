// Connections over TCP and TLS that queries share: used again, answered in any order, and let go of.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Question } from '../../src/message.js';
import { DnsName } from '../../src/name.js';
import type { ClosableExchange, ExchangeConfig } from '../../src/transport/exchange.js';
import { framed, question, replyTo, truncated } from './misbehaving.js';
import { refusal } from './refusal.js';
import {
  answering,
  kinds,
  quickExchange,
  type StreamBehaviour,
  type StreamServer,
  startStreamServer,
} from './streams.js';

const closables: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(closables.splice(0).map((closable) => closable.close()));
});

const named = (name: string): Question => ({ ...question, name: DnsName.parse(name) });
const names = (count: number) => Array.from({ length: count }, (_, at) => named(`n${at}.example`));

describe.each(['TCP', 'TLS'] as const)('over %s', (kind) => {
  const { tls, serverAt } = kinds[kind];

  async function start(
    behaviour: StreamBehaviour,
    config: Partial<ExchangeConfig> = {},
  ): Promise<{ server: StreamServer; exchange: ClosableExchange }> {
    const server = await startStreamServer({ ...behaviour, ...tls });
    const exchange = quickExchange([serverAt(server.port)], config);
    closables.push(exchange, server);
    return { server, exchange };
  }

  it('asks many questions over one connection, at once and one after another', async () => {
    const { server, exchange } = await start(answering);
    const replies = await Promise.all(names(50).map((asked) => exchange(asked)));
    expect(replies.map(({ questions }) => questions[0]?.name.toString())).toEqual(
      names(50).map(({ name }) => name.toString()),
    );
    for (const asked of names(5)) await exchange(asked);
    expect(server.connections).toHaveLength(1);
    expect(server.connections[0]?.queries).toHaveLength(55);
  });

  it('takes replies in whatever order they come, several in one piece', async () => {
    const { server, exchange } = await start({
      query: (_, { queries, socket }) => {
        if (queries.length < 10) return;
        socket.write(Buffer.concat(queries.map((query) => framed(replyTo(query))).reverse()));
      },
    });
    const replies = await Promise.all(names(10).map((asked) => exchange(asked)));
    expect(replies.map(({ questions }) => questions[0]?.name.toString())).toEqual(
      names(10).map(({ name }) => name.toString()),
    );
    expect(server.connections).toHaveLength(1);
  });

  it('gives queries under way different ids even when the random octets are always the same', async () => {
    const { server, exchange } = await start(answering, { random: () => Uint8Array.of(0xff, 0xff) });
    await Promise.all(names(20).map((asked) => exchange(asked)));
    const ids = server.connections[0]?.queries.map((query) => ((query[0] ?? 0) << 8) | (query[1] ?? 0));
    expect(new Set(ids).size).toBe(20);
    expect(ids?.[0]).toBe(0xffff);
  });

  it('asks once more on a new connection when the server closes one under a query', async () => {
    const closingAt = (numbers: readonly number[]): StreamBehaviour => ({
      query: (query, { number, send, socket }) =>
        numbers.includes(number) ? socket.destroy() : send(replyTo(query)),
    });
    const once = await start(closingAt([1]), { rounds: 1 });
    expect((await once.exchange(question)).answers).toHaveLength(1);
    expect(once.server.connections).toHaveLength(2);
    const twice = await start(closingAt([1, 2]), { rounds: 1 });
    expect((await refusal(twice.exchange(question))).code).toBe('ERR_DNS_UNREACHABLE');
    expect(twice.server.connections).toHaveLength(2);
  });

  it('asks all that was outstanding once more when the server closes in the middle of a reply', async () => {
    const { server, exchange } = await start(
      {
        query: (query, { number, send, socket, queries }) => {
          if (number > 1) send(replyTo(query));
          else if (queries.length === 10) socket.end(framed(replyTo(query)).subarray(0, 20));
        },
      },
      { rounds: 1 },
    );
    const replies = await Promise.all(names(10).map((asked) => exchange(asked)));
    expect(replies.every(({ answers }) => answers.length === 1)).toBe(true);
    expect(server.connections).toHaveLength(2);
  });

  it('opens a new connection when the server has closed an idle one', async () => {
    const { server, exchange } = await start(answering);
    await exchange(question);
    for (const socket of server.open) socket.end();
    await expect.poll(() => server.open.size).toBe(0);
    expect((await exchange(question)).answers).toHaveLength(1);
    expect(server.connections).toHaveLength(2);
  });

  it('closes a connection that nobody has used for the idle time, not one in use', async () => {
    const { server, exchange } = await start(answering, { idleTimeoutMs: 150 });
    for (let asked = 0; asked < 5; asked++) {
      await exchange(question);
      await sleep(50);
    }
    expect(server.connections).toHaveLength(1);
    await expect.poll(() => server.open.size).toBe(0);
    expect((await exchange(question)).answers).toHaveLength(1);
    expect(server.connections).toHaveLength(2);
  });

  it('has no more queries outstanding than it may, and asks the others in their turn', async () => {
    let most = 0;
    let outstanding = 0;
    const { exchange } = await start(
      {
        query: (query, { send }) => {
          outstanding += 1;
          most = Math.max(most, outstanding);
          setTimeout(() => {
            outstanding -= 1;
            send(replyTo(query));
          }, 20);
        },
      },
      { maxOutstanding: 3 },
    );
    const replies = await Promise.all(names(12).map((asked) => exchange(asked)));
    expect(replies).toHaveLength(12);
    expect(most).toBe(3);
  });

  it('says so when a turn does not come in time', async () => {
    const { exchange } = await start({}, { maxOutstanding: 1, rounds: 1, attemptTimeoutMs: 100 });
    const [first, second] = await Promise.all([
      refusal(exchange(question)),
      refusal(exchange(question, { timeoutMs: 50 })),
    ]);
    expect([first?.code, second?.code]).toEqual(['ERR_DNS_TIMEOUT', 'ERR_DNS_TIMEOUT']);
    expect(second?.message).toContain('1 queries outstanding');
  });

  it('keeps a connection whose query was given up, and ignores the late reply', async () => {
    const late: (() => void)[] = [];
    const { server, exchange } = await start({
      query: (query, { queries, send }) => {
        if (queries.length === 1) late.push(() => send(replyTo(query)));
        else send(replyTo(query));
      },
    });
    const controller = new AbortController();
    const given = exchange(question, { signal: controller.signal });
    await expect.poll(() => late.length).toBe(1);
    controller.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    for (const send of late) send();
    expect((await exchange(question)).answers).toHaveLength(1);
    expect(server.connections).toHaveLength(1);
  });

  it('gives a connection up on which too many queries were given up', async () => {
    const { server, exchange } = await start(
      { query: (query, { number, send }) => number > 1 && send(replyTo(query)) },
      { maxOutstanding: 4 },
    );
    for (let asked = 1; asked <= 5; asked++) {
      const controller = new AbortController();
      const given = exchange(question, { signal: controller.signal });
      await expect.poll(() => server.connections[0]?.queries.length).toBe(asked);
      controller.abort(new Error('enough'));
      await expect(given).rejects.toThrow('enough');
    }
    expect((await exchange(question)).answers).toHaveLength(1);
    expect(server.connections).toHaveLength(2);
  });

  it('opens a new connection after one that went silent, and keeps one that still answers others', async () => {
    const silentFor = (names: readonly string[]): StreamBehaviour => ({
      query: (query, { number, send }) => {
        const isSilent = number === 1 && names.some((name) => Buffer.from(query).includes(name));
        if (!isSilent) send(replyTo(query));
      },
    });
    const gone = await start(silentFor(['agent', 'n0']), { rounds: 1 });
    expect((await refusal(gone.exchange(question))).code).toBe('ERR_DNS_TIMEOUT');
    expect((await gone.exchange(named('n0.example'))).answers).toHaveLength(1);
    expect(gone.server.connections).toHaveLength(2);

    const slow = await start(silentFor(['agent']), { rounds: 1 });
    await slow.exchange(named('n1.example'));
    const waiting = refusal(slow.exchange(question));
    await sleep(20);
    await slow.exchange(named('n0.example'));
    expect((await waiting).code).toBe('ERR_DNS_TIMEOUT');
    expect((await slow.exchange(named('n0.example'))).answers).toHaveLength(1);
    expect(slow.server.connections).toHaveLength(1);
  });

  it.each<[string, (query: Uint8Array) => Uint8Array, string]>([
    [
      'a wrong id',
      (query) => framed(replyTo(query, { id: ((query[0] ?? 0) << 8) ^ 0xff00 })),
      'ERR_DNS_MALFORMED',
    ],
    [
      "the answer to another's question",
      (query) => framed(replyTo(query, { questions: [named('other.example')] })),
      'ERR_DNS_MALFORMED',
    ],
    ['the query sent back', (query) => framed(query), 'ERR_DNS_MALFORMED'],
    [
      'a truncated reply',
      (query) => framed(replyTo(query, { flags: truncated, answers: [] })),
      'ERR_DNS_MALFORMED',
    ],
    [
      'octets behind the message',
      (query) => framed(Uint8Array.of(...replyTo(query), 0)),
      'ERR_DNS_MALFORMED',
    ],
    ['a message shorter than a header', () => framed(new Uint8Array(11)), 'ERR_DNS_MALFORMED'],
    ['a length of zero', () => Uint8Array.of(0, 0), 'ERR_DNS_MALFORMED'],
    ['garbage', () => Uint8Array.from({ length: 3000 }, (_, at) => at % 11), 'ERR_DNS_MALFORMED'],
    ['half a message and silence', (query) => framed(replyTo(query)).subarray(0, 30), 'ERR_DNS_TIMEOUT'],
  ])('refuses %s, and takes a proper reply in its place', async (_, make, code) => {
    const bad = await start({ query: (query, { socket }) => socket.write(make(query)) }, { rounds: 2 });
    expect((await refusal(bad.exchange(question))).code).toBe(code);
    const good = await start({ query: (query, { socket }) => socket.write(framed(replyTo(query))) });
    expect((await good.exchange(question)).answers).toHaveLength(1);
  });

  it('takes a reply that comes late but in time, and one octet at a time', async () => {
    const { exchange } = await start({
      query: async (query, { socket }) => {
        await sleep(100);
        socket.setNoDelay(true);
        for (const octet of framed(replyTo(query))) {
          socket.write(Uint8Array.of(octet));
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
    });
    expect((await exchange(question)).answers).toHaveLength(1);
  });

  it('survives what a server says without being asked', async () => {
    const { server, exchange } = await start({
      ...answering,
      connected: (socket) => socket.write(framed(new Uint8Array(40))),
    });
    expect((await refusal(exchange(question))).code).toBe('ERR_DNS_MALFORMED');
    const quiet = await start(answering);
    await quiet.exchange(question);
    quiet.server.connections[0]?.send(new Uint8Array(40));
    await expect.poll(() => quiet.server.open.size).toBe(0);
    expect((await quiet.exchange(question)).answers).toHaveLength(1);
    expect(server.connections.length).toBeGreaterThan(1);
  });

  it('leaves nothing behind when it is given up before the connection is open', async () => {
    const { server, exchange } = await start(answering);
    const controller = new AbortController();
    const given = exchange(question, { signal: controller.signal });
    setImmediate(() => controller.abort(new Error('enough')));
    await expect(given).rejects.toThrow('enough');
    await expect.poll(() => server.open.size).toBe(0);
    expect((await exchange(question)).answers).toHaveLength(1);
  });

  it('reports a port that nobody listens on, at once', async () => {
    const { server, exchange } = await start(answering);
    await server.close();
    const { code, tookMs } = await refusal(exchange(question));
    expect(code).toBe('ERR_DNS_UNREACHABLE');
    expect(tookMs).toBeLessThan(1000);
  });

  it('ends what is under way and what comes later when it is closed', async () => {
    const { server, exchange } = await start({});
    const waiting = refusal(exchange(question));
    await expect.poll(() => server.connections[0]?.queries.length).toBe(1);
    exchange.close();
    expect((await waiting).code).toBe('ERR_DNS_UNREACHABLE');
    expect((await refusal(exchange(question))).code).toBe('ERR_DNS_UNREACHABLE');
    await expect.poll(() => server.open.size).toBe(0);
    exchange.close();
  });
});
