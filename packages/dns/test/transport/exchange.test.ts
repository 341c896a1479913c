// An exchange with servers that misbehave: each ends within its time, with the right code, and releases its sockets.

import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage } from '../../src/message.js';
import { DnsName } from '../../src/name.js';
import { createExchange, type ExchangeConfig } from '../../src/transport/exchange.js';
import {
  type Behaviour,
  framed,
  type MisbehavingServer,
  question,
  replyTo,
  startServer,
  truncated,
} from './misbehaving.js';
import { refusal } from './refusal.js';

const servers: MisbehavingServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(behaviour: Behaviour): Promise<MisbehavingServer> {
  const server = await startServer(behaviour);
  servers.push(server);
  return server;
}

// Containers often have no IPv6, not even on loopback.
const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

const honest: Behaviour = { udp: (query, send) => send(replyTo(query)) };

/** Quick attempts, so that three rounds are over soon. */
function exchangeWith(asked: readonly MisbehavingServer[], config: Partial<ExchangeConfig> = {}) {
  return createExchange({
    servers: asked.map(({ address }) => address),
    attemptTimeoutMs: 120,
    timeoutMs: 2000,
    backOffMs: 10,
    ...config,
  });
}

describe('over UDP', () => {
  it('asks with RD, CD, DO and EDNS 1232 and takes the reply', async () => {
    const server = await start(honest);
    const reply = await exchangeWith([server])(question);
    expect(reply.answers).toHaveLength(1);
    const query = decodeMessage(server.queries[0]?.octets ?? new Uint8Array());
    expect(query.flags).toEqual({
      qr: false,
      aa: false,
      tc: false,
      rd: true,
      ra: false,
      ad: false,
      cd: true,
    });
    expect(query.edns).toEqual({ udpPayloadSize: 1232, version: 0, dnssecOk: true, options: [] });
    expect(query.questions[0]?.name.toString()).toBe('agent.example.');
  });

  it('asks from another port with another id each time', async () => {
    const server = await start(honest);
    const exchange = exchangeWith([server]);
    await Promise.all(Array.from({ length: 8 }, () => exchange(question)));
    expect(new Set(server.queries.map(({ port }) => port)).size).toBe(8);
    expect(new Set(server.queries.map(({ octets }) => octets.slice(0, 2).join())).size).toBeGreaterThan(1);
  });

  it('takes the id from the random octets handed in', async () => {
    const server = await start(honest);
    const reply = await exchangeWith([server], { random: () => Uint8Array.of(0xab, 0xcd) })(question);
    expect(reply.id).toBe(0xabcd);
  });

  it.skipIf(!hasIpv6)('asks a server on IPv6', async () => {
    const server = await start({ ...honest, host: '::1' });
    expect((await exchangeWith([server])(question)).answers).toHaveLength(1);
    const spelled = { host: '0:0:0:0:0:0:0:1', port: server.address.port };
    expect((await exchangeWith([], { servers: [spelled] })(question)).answers).toHaveLength(1);
  });

  it('takes a reply that changes the case of the question', async () => {
    const server = await start({
      udp: (query, send) =>
        send(replyTo(query, { questions: [{ ...question, name: DnsName.parse('AGENT.Example') }] })),
    });
    expect((await exchangeWith([server])(question)).questions[0]?.name.toString()).toBe('AGENT.Example.');
  });

  it('gives up on a server that never answers', async () => {
    const server = await start({});
    const { code, message, tookMs } = await refusal(exchangeWith([server])(question));
    expect(code).toBe('ERR_DNS_TIMEOUT');
    expect(message).toContain(`127.0.0.1#${server.address.port}`);
    expect(message).toContain('agent.example. A');
    expect(tookMs).toBeLessThan(1000);
    expect(server.queries).toHaveLength(3);
  });

  it('ends at the deadline of the whole exchange', async () => {
    const server = await start({});
    const exchange = exchangeWith([server], { attemptTimeoutMs: 1500 });
    const { code, tookMs } = await refusal(exchange(question, { timeoutMs: 80 }));
    expect(code).toBe('ERR_DNS_TIMEOUT');
    expect(tookMs).toBeLessThan(600);
  });

  it.each<[string, (query: Uint8Array) => Uint8Array]>([
    ['a wrong id', (query) => replyTo(Uint8Array.from(query, (octet, at) => (at === 0 ? octet ^ 1 : octet)))],
    ['the query sent back', (query) => query],
    [
      'another name',
      (query) => replyTo(query, { questions: [{ ...question, name: DnsName.parse('agent.examplf') }] }),
    ],
    ['another type', (query) => replyTo(query, { questions: [{ ...question, type: 28 }] })],
    ['another class', (query) => replyTo(query, { questions: [{ ...question, class: 3 }] })],
    ['no question', (query) => replyTo(query, { questions: [] })],
    ['two questions', (query) => replyTo(query, { questions: [question, question] })],
    ['another opcode', (query) => replyTo(query, { opcode: 5 })],
    ['garbage', () => Uint8Array.from({ length: 100 }, (_, at) => at * 7)],
    ['an empty datagram', () => new Uint8Array(0)],
  ])('does not take %s for a reply, and takes the real one behind it', async (_, make) => {
    const stray = await start({ udp: (query, send) => send(make(query)) });
    expect((await refusal(exchangeWith([stray])(question))).code).toBe('ERR_DNS_TIMEOUT');
    const late = await start({
      udp: (query, send) => {
        send(make(query));
        send(replyTo(query));
      },
    });
    expect((await exchangeWith([late])(question)).answers).toHaveLength(1);
  });

  it('does not take a reply from another address', async () => {
    const other = createSocket('udp4');
    await new Promise<void>((resolve) => other.bind(0, '127.0.0.1', resolve));
    const forge = (query: Uint8Array, port: number) => other.send(replyTo(query), port, '127.0.0.1');
    const server = await start({ udp: (query, _, from) => forge(query, from.port) });
    expect((await refusal(exchangeWith([server])(question))).code).toBe('ERR_DNS_TIMEOUT');
    const honestToo = await start({
      udp: (query, send, from) => {
        forge(query, from.port);
        send(replyTo(query, { answers: [] }));
      },
    });
    expect((await exchangeWith([honestToo])(question)).answers).toHaveLength(0);
    other.close();
  });

  it('turns to TCP when too many datagrams are no reply', async () => {
    const flood = (count: number): Behaviour => ({
      udp: (query, send) => {
        for (let sent = 0; sent < count; sent++) send(query);
        send(replyTo(query, { answers: [] }));
      },
      tcp: (query, socket) => socket.end(framed(replyTo(query))),
    });
    const tooMany = await start(flood(64));
    expect((await exchangeWith([tooMany], { attemptTimeoutMs: 1000 })(question)).answers).toHaveLength(1);
    const bearable = await start(flood(20));
    expect((await exchangeWith([bearable], { attemptTimeoutMs: 1000 })(question)).answers).toHaveLength(0);
  });

  it('looks at as many datagrams that are no reply as it is told', async () => {
    const server = await start({
      udp: (query, send) => {
        for (let sent = 0; sent < 3; sent++) send(query);
        send(replyTo(query, { answers: [] }));
      },
      tcp: (query, socket) => socket.end(framed(replyTo(query))),
    });
    expect((await exchangeWith([server], { maxStrayDatagrams: 3 })(question)).answers).toHaveLength(1);
    expect((await exchangeWith([server], { maxStrayDatagrams: 4 })(question)).answers).toHaveLength(0);
  });

  it('sets AD in the place of CD when the server is to check', async () => {
    const server = await start(honest);
    await exchangeWith([server], { checkingDisabled: false })(question);
    await exchangeWith([server])(question);
    const flags = server.queries.map(({ octets }) => decodeMessage(octets).flags);
    expect(flags.map(({ ad, cd }) => ({ ad, cd }))).toEqual([
      { ad: true, cd: false },
      { ad: false, cd: true },
    ]);
  });

  it('reports a matching reply that is malformed', async () => {
    const server = await start({ udp: (query, send) => send(new Uint8Array([...replyTo(query), 0])) });
    const { code, message } = await refusal(exchangeWith([server])(question));
    expect(code).toBe('ERR_DNS_MALFORMED');
    expect(message).toContain(`127.0.0.1#${server.address.port}`);
  });

  it('reports a port that nobody listens on', async () => {
    const server = await startServer({});
    await server.close();
    const { code, tookMs } = await refusal(exchangeWith([server])(question));
    expect(code).toBe('ERR_DNS_UNREACHABLE');
    expect(tookMs).toBeLessThan(1000);
  });
});

describe('over TCP', () => {
  const cut: NonNullable<Behaviour['udp']> = (query, send) =>
    send(replyTo(query, { flags: truncated, answers: [] }));

  it('asks again when the reply over UDP was truncated', async () => {
    const server = await start({ udp: cut, tcp: (query, socket) => socket.end(framed(replyTo(query))) });
    expect((await exchangeWith([server])(question)).answers).toHaveLength(1);
    expect(server.queries.map(({ protocol }) => protocol)).toEqual(['udp', 'tcp']);
  });

  it('takes a reply in single octets and one of 65535 octets', async () => {
    const dripping = await start({
      udp: cut,
      tcp: async (query, socket) => {
        socket.setNoDelay(true);
        for (const octet of framed(replyTo(query))) {
          socket.write(Uint8Array.of(octet));
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
    });
    expect((await exchangeWith([dripping], { attemptTimeoutMs: 1000 })(question)).answers).toHaveLength(1);
    const large = await start({
      udp: cut,
      tcp: (query, socket) => {
        const bare = replyTo(query, { answers: [] }).length;
        const answer = {
          name: DnsName.root,
          type: 65280,
          class: 1,
          ttl: 0,
          rdata: new Uint8Array(65535 - bare - 11),
        };
        socket.write(framed(replyTo(query, { answers: [answer] })));
      },
    });
    expect(encodeMessage(await exchangeWith([large], { attemptTimeoutMs: 1000 })(question))).toHaveLength(
      65535,
    );
  });

  it.each<[string, (query: Uint8Array) => Uint8Array, string]>([
    [
      'a message that ends in the middle',
      (query) => framed(replyTo(query)).slice(0, 30),
      'ERR_DNS_MALFORMED',
    ],
    ['half a length', () => Uint8Array.of(0), 'ERR_DNS_MALFORMED'],
    ['a length longer than the message', (query) => framed(replyTo(query), 65535), 'ERR_DNS_MALFORMED'],
    ['a length shorter than the message', (query) => framed(replyTo(query), 20), 'ERR_DNS_MALFORMED'],
    ['a length of zero', () => Uint8Array.of(0, 0), 'ERR_DNS_MALFORMED'],
    ['a wrong id', (query) => framed(replyTo(query, { id: 0 })), 'ERR_DNS_MALFORMED'],
    ['garbage', () => Uint8Array.from({ length: 3000 }, (_, at) => at % 11), 'ERR_DNS_MALFORMED'],
    [
      'a truncated reply',
      (query) => framed(replyTo(query, { flags: truncated, answers: [] })),
      'ERR_DNS_MALFORMED',
    ],
    ['nothing before it closes', () => new Uint8Array(0), 'ERR_DNS_UNREACHABLE'],
  ])('refuses %s', async (_, make, code) => {
    const server = await start({ udp: cut, tcp: (query, socket) => socket.end(make(query)) });
    const exchange = exchangeWith([server], { attemptTimeoutMs: 500, random: () => Uint8Array.of(1, 1) });
    expect((await refusal(exchange(question))).code).toBe(code);
    const proper = await start({ udp: cut, tcp: (query, socket) => socket.end(framed(replyTo(query))) });
    expect((await exchangeWith([proper], { attemptTimeoutMs: 500 })(question)).answers).toHaveLength(1);
  });

  it('gives up on a server that drips for ever', async () => {
    const drips: NodeJS.Timeout[] = [];
    const server = await start({
      udp: cut,
      tcp: (query, socket) => {
        socket.write(framed(replyTo(query), 60000).subarray(0, 20));
        drips.push(setInterval(() => socket.write(Uint8Array.of(0)), 10));
      },
    });
    const { code, tookMs } = await refusal(exchangeWith([server])(question));
    for (const drip of drips) clearInterval(drip);
    expect(code).toBe('ERR_DNS_TIMEOUT');
    expect(tookMs).toBeLessThan(1500);
    await expect.poll(() => server.open.size).toBe(0);
  });

  it('gives up on a server that accepts and says nothing', async () => {
    const server = await start({ udp: cut, tcp: () => undefined });
    expect((await refusal(exchangeWith([server])(question))).code).toBe('ERR_DNS_TIMEOUT');
    await expect.poll(() => server.open.size).toBe(0);
  });

  it('reports a server without TCP', async () => {
    const server = await start({ udp: cut });
    expect((await refusal(exchangeWith([server])(question))).code).toBe('ERR_DNS_UNREACHABLE');
  });
});

describe('several servers', () => {
  it('are asked in turn until one answers', async () => {
    const silent = await start({});
    const garbled = await start({ udp: (query, send) => send(new Uint8Array([...replyTo(query), 0])) });
    const good = await start(honest);
    expect((await exchangeWith([silent, garbled, good])(question)).answers).toHaveLength(1);
    expect([silent, garbled, good].map(({ queries }) => queries.length)).toEqual([1, 1, 1]);
  });

  it('are passed over when they fail or refuse, for one that does better', async () => {
    const failing = await start({ udp: (query, send) => send(replyTo(query, { rcode: 2, answers: [] })) });
    const refusing = await start({ udp: (query, send) => send(replyTo(query, { rcode: 5, answers: [] })) });
    const good = await start(honest);
    expect((await exchangeWith([failing, refusing, good])(question)).rcode).toBe(0);
    expect((await exchangeWith([failing, refusing])(question)).rcode).toBe(2);
    expect((await exchangeWith([refusing])(question)).rcode).toBe(5);
  });

  it('leave NXDOMAIN as it is', async () => {
    const absent = await start({ udp: (query, send) => send(replyTo(query, { rcode: 3, answers: [] })) });
    const good = await start(honest);
    expect((await exchangeWith([absent, good])(question)).rcode).toBe(3);
    expect(good.queries).toHaveLength(0);
  });

  it('are asked in as many rounds as they are told', async () => {
    for (const rounds of [1, 2, 5]) {
      const server = await start({});
      const { code } = await refusal(exchangeWith([server], { rounds, attemptTimeoutMs: 30 })(question));
      expect(code).toBe('ERR_DNS_TIMEOUT');
      expect(server.queries).toHaveLength(rounds);
    }
  });

  it('are left alone for a while before each further round', async () => {
    const server = await start({});
    const config = { rounds: 3, attemptTimeoutMs: 20, backOffMs: 100 };
    const longest = await refusal(
      exchangeWith([server], { ...config, random: () => new Uint8Array(2) })(question),
    );
    expect(longest.tookMs).toBeGreaterThanOrEqual(340);
    const deadline = await refusal(
      exchangeWith([server], { ...config, backOffMs: 60_000, timeoutMs: 100 })(question),
    );
    expect(deadline.code).toBe('ERR_DNS_TIMEOUT');
    expect(deadline.tookMs).toBeLessThan(1000);
  });

  it('end a wait between rounds by the signal', async () => {
    const server = await start({});
    const controller = new AbortController();
    const exchange = exchangeWith([server], { attemptTimeoutMs: 20, backOffMs: 60_000, timeoutMs: 60_000 });
    setTimeout(() => controller.abort(new Error('enough')), 100);
    await expect(exchange(question, { signal: controller.signal })).rejects.toThrow('enough');
  });

  it('are asked last when they failed lately, and first again after a while', async () => {
    const silent = await start({});
    const good = await start(honest);
    const exchange = exchangeWith([silent, good], { failureMemoryMs: 300, attemptTimeoutMs: 50 });
    for (let asked = 0; asked < 3; asked++) await exchange(question);
    expect([silent, good].map(({ queries }) => queries.length)).toEqual([1, 3]);
    await sleep(320);
    await exchange(question);
    expect([silent, good].map(({ queries }) => queries.length)).toEqual([2, 4]);
  });

  it('are asked again when the first try was lost', async () => {
    let lost = false;
    const lossy = await start({
      udp: (query, send) => {
        if (lost) send(replyTo(query));
        lost = true;
      },
    });
    expect((await exchangeWith([lossy])(question)).answers).toHaveLength(1);
    expect(lossy.queries).toHaveLength(2);
  });
});

describe('the signal', () => {
  it('ends an exchange over UDP with its reason', async () => {
    const server = await start({});
    const reason = new Error('enough');
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 30);
    const exchange = exchangeWith([server], { attemptTimeoutMs: 1500 });
    await expect(exchange(question, { signal: controller.signal })).rejects.toBe(reason);
    await expect(
      exchange(question, { signal: new AbortController().signal, timeoutMs: 50 }),
    ).rejects.toMatchObject({
      code: 'ERR_DNS_TIMEOUT',
    });
  });

  it('ends an exchange over TCP with its reason and leaves the connection to others', async () => {
    const controller = new AbortController();
    const server = await start({
      udp: (query, send) => send(replyTo(query, { flags: truncated, answers: [] })),
      tcp: () => controller.abort(),
    });
    const exchange = exchangeWith([server], { attemptTimeoutMs: 1500 });
    await expect(exchange(question, { signal: controller.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(server.open.size).toBe(1);
    exchange.close();
    await expect.poll(() => server.open.size).toBe(0);
  });

  it('that was aborted before sends nothing', async () => {
    const server = await start(honest);
    await expect(exchangeWith([server])(question, { signal: AbortSignal.abort('no') })).rejects.toBe('no');
    expect(server.queries).toHaveLength(0);
  });
});

describe('configuration', () => {
  const server = { host: '127.0.0.1', port: 53 };
  it.each<[string, ExchangeConfig]>([
    ['no server', { servers: [] }],
    ['a server by name', { servers: [{ host: 'localhost', port: 53 }] }],
    ['port 0', { servers: [{ host: '127.0.0.1', port: 0 }] }],
    ['no time', { servers: [server], timeoutMs: 0 }],
    ['an endless attempt', { servers: [server], attemptTimeoutMs: Number.POSITIVE_INFINITY }],
    ['a payload below 512 octets', { servers: [server], udpPayloadSize: 511 }],
    ['no round', { servers: [server], rounds: 0 }],
    ['half a round', { servers: [server], rounds: 1.5 }],
    ['no back-off', { servers: [server], backOffMs: 0 }],
    ['no memory of failures', { servers: [server], failureMemoryMs: -1 }],
    ['no datagram to look at', { servers: [server], maxStrayDatagrams: 0 }],
    ['no query outstanding', { servers: [server], maxOutstanding: 0 }],
    ['more queries outstanding than half the ids', { servers: [server], maxOutstanding: 32769 }],
    ['an endless idle time', { servers: [server], idleTimeoutMs: Number.POSITIVE_INFINITY }],
    ['a name for an address over TLS', { servers: [{ ...server, protocol: 'tls', name: '192.0.2.1' }] }],
    ['a pin that is none', { servers: [{ ...server, protocol: 'tls', pins: ['AAAA'] }] }],
    ['an empty list of pins', { servers: [{ ...server, protocol: 'tls', pins: [] }] }],
    ['an authority that is no certificate', { servers: [{ ...server, protocol: 'tls', ca: ['none'] }] }],
    ['a path that is none', { servers: [{ ...server, protocol: 'https', path: 'dns-query' }] }],
  ])('with %s is refused', (_, config) => {
    expect(() => createExchange(config)).toThrow(expect.objectContaining({ code: 'ERR_DNS_CONFIG' }));
    expect(() => createExchange({ servers: [server] })).not.toThrow();
  });
});
