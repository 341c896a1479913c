// The command against servers that misbehave: every one is a clear error or a refusal within its time, and never
// a crash or a hang.

import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serverSuite } from './servers.js';
import { asProcess, countersign, Failure, Invocation, inProcess, Verdict } from './support/countersign.js';
import {
  type DatagramBehaviour,
  type HostileHttps,
  type HostileServer,
  replyTo,
  type StreamBehaviour,
  startHostileDns,
  startHostileHttps,
  startHostileTls,
} from './support/hostile.js';
import { type Site, siteServers, startSite } from './support/site.js';

/** An owner name of one pointer to itself, behind the question `example.` (12 + 9 + 4 octets). */
const loop = Uint8Array.of(0xc0, 25, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1);
const truncate: DatagramBehaviour = (query, send) => send(replyTo(query, { truncated: true }));

type NameServerCase = [
  what: string,
  code: string,
  onQuery: DatagramBehaviour,
  onConnection?: StreamBehaviour,
];

const nameServers: readonly NameServerCase[] = [
  ['never answers', 'ERR_DNS_TIMEOUT', () => {}],
  ['answers with random octets', 'ERR_DNS_TIMEOUT', (_, send) => send(randomBytes(400))],
  ['answers with half a header', 'ERR_DNS_TIMEOUT', (query, send) => send(query.subarray(0, 5))],
  [
    'answers with a wrong identifier',
    'ERR_DNS_TIMEOUT',
    (query, send) => send(replyTo(query, { id: query.readUInt16BE(0) ^ 1 })),
  ],
  [
    'guesses a thousand identifiers, and is silent over TCP',
    'ERR_DNS_TIMEOUT',
    (query, send) => {
      const id = query.readUInt16BE(0);
      for (let guess = 1; guess <= 1000; guess += 1) send(replyTo(query, { id: id ^ guess }));
    },
    () => {},
  ],
  [
    'answers another question',
    'ERR_DNS_TIMEOUT',
    (query, send) => {
      const other = Buffer.from(query);
      other.write('EXAMPLF', 13);
      send(replyTo(other));
    },
  ],
  [
    'announces records that are not there',
    'ERR_DNS_MALFORMED',
    (query, send) => send(replyTo(query, { answerCount: 0xffff })),
  ],
  [
    'answers with a name that points to itself',
    'ERR_DNS_MALFORMED',
    (query, send) => send(replyTo(query, { answerCount: 1, rest: loop })),
  ],
  [
    'puts garbage behind its answer',
    'ERR_DNS_MALFORMED',
    (query, send) => send(replyTo(query, { rest: randomBytes(300) })),
  ],
  ['sends to TCP, where it never answers', 'ERR_DNS_TIMEOUT', truncate, () => {}],
  ['sends to TCP, where it closes', 'ERR_DNS_UNREACHABLE', truncate, (socket) => socket.end()],
  [
    'sends to TCP, where it breaks off in an answer',
    'ERR_DNS_MALFORMED',
    truncate,
    (socket) => socket.end(Uint8Array.of(0xff, 0xff, 1, 2, 3)),
  ],
  [
    'sends to TCP, where it answers with garbage',
    'ERR_DNS_MALFORMED',
    truncate,
    (socket) => {
      socket.once('data', (query: Buffer) => {
        const reply = replyTo(query.subarray(2), { rest: randomBytes(600) });
        socket.end(Buffer.concat([Uint8Array.of(reply.length >> 8, reply.length & 0xff), reply]));
      });
    },
  ],
];

/** A privileged port where nobody listens, and one that fetch does not bar. */
const deserted = 1023;

/** Asks a server for something, as a process. */
const resolveAt = (port: number) =>
  countersign(Failure, ['resolve', 'example', 'A', '--server', `127.0.0.1#${port}`], asProcess);

describe.concurrent('a name server that', () => {
  test.each(nameServers)('%s is %s', async (_, code, onQuery, onConnection) => {
    const server = await startHostileDns(onQuery, onConnection);
    try {
      const { json, ...result } = await resolveAt(server.port);
      expect(json.error.code).toBe(code);
      expect(result.code).toBe(2);
    } finally {
      await server.stop();
    }
  });

  test('answers from another address is ERR_DNS_TIMEOUT', async () => {
    const elsewhere = createSocket('udp4');
    const server = await startHostileDns((query, _, from) => {
      // Forged to look right in everything but the port that it comes from.
      elsewhere.send(replyTo(query), from.port, from.address);
    });
    try {
      const { json, code } = await resolveAt(server.port);
      expect(json.error.code).toBe('ERR_DNS_TIMEOUT');
      expect(code).toBe(2);
    } finally {
      elsewhere.close();
      await server.stop();
    }
  });

  test('is not there is ERR_DNS_UNREACHABLE', async () => {
    const { json, code } = await resolveAt(deserted);
    expect(json.error.code).toBe('ERR_DNS_UNREACHABLE');
    expect(code).toBe(2);
  });
});

const hello = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

/** Agents whose TLS never comes about, and the reason that the verdict and the signal give. */
const tlsServers = {
  silent: { behaviour: () => {}, reason: 'timeout' },
  garbage: { behaviour: (socket) => socket.write(randomBytes(4096)), reason: 'tls_handshake_failed' },
  closing: { behaviour: (socket) => socket.end(), reason: 'tls_handshake_failed' },
  resetting: {
    behaviour: (socket) => socket.once('data', () => socket.resetAndDestroy()),
    reason: 'tls_handshake_failed',
  },
  plain: {
    behaviour: (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    reason: 'tls_handshake_failed',
  },
} as const satisfies Record<string, { behaviour: StreamBehaviour; reason: string }>;

/** Agents that prove who they are and then misbehave, and how the call ends. */
const httpsServers = {
  hanging: { behaviour: () => {}, status: 'timeout', reason: 'timeout' },
  hangingup: { behaviour: (socket) => socket.end(), status: 'error', reason: 'connection_lost' },
  halving: {
    behaviour: (socket) => socket.end(`${hello}content-length: 100\r\n\r\n{"half":`),
    status: 'error',
    reason: 'connection_lost',
  },
  babbling: {
    behaviour: (socket) => socket.end(randomBytes(2000)),
    status: 'error',
    reason: 'connection_lost',
  },
  failing: {
    behaviour: (socket) => socket.end('HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n'),
    status: 'error',
    reason: 'http_status',
  },
  redirecting: {
    behaviour: (socket) =>
      socket.end('HTTP/1.1 307 Elsewhere\r\nlocation: https://127.0.0.1/\r\ncontent-length: 0\r\n\r\n'),
    status: 'error',
    reason: 'http_status',
  },
  endless: {
    behaviour: (socket) => {
      const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
      const send = () => {
        while (socket.writable && socket.write(chunk));
      };
      socket.on('drain', send);
      socket.write(`${hello}transfer-encoding: chunked\r\n\r\n`);
      send();
    },
    status: 'error',
    reason: 'body_too_large',
  },
} as const satisfies Record<string, { behaviour: StreamBehaviour; status: string; reason: string }>;

serverSuite('an agent in a zone of BIND whose server', siteServers, () => {
  let site: Site;
  const servers: (HostileServer & Partial<HostileHttps>)[] = [];
  beforeAll(async () => {
    const ports: Record<string, number> = { absent: deserted };
    for (const [label, { behaviour }] of Object.entries(tlsServers)) {
      const server = await startHostileTls(behaviour);
      servers.push(server);
      ports[label] = server.port;
    }
    for (const [label, { behaviour }] of Object.entries(httpsServers)) {
      const server = await startHostileHttps(behaviour);
      servers.push(server);
      ports[label] = server.port;
    }
    site = await startSite('nsec', ports);
    for (const server of servers) await server.useCertificate?.(site.certificate);
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await site?.stop();
  });

  // Short where it has to run out; long enough for a busy machine where it must not. What hangs is left to a process
  // of its own, which has to end by itself.
  const within = (reason: string) => (reason === 'timeout' ? ['--timeout', '2000'] : ['--timeout', '15000']);
  const runner = (reason: string) => (reason === 'timeout' ? asProcess : inProcess);
  const flags = (reason: string) => [...site.flags(site.tree.named), '--require-dane', ...within(reason)];
  const invoke = (label: string, reason: string) => {
    const args = ['invoke', `${label}.acme.example`, '--method', 'forecast', ...flags(reason)];
    return countersign(Invocation, args, runner(reason));
  };

  test.each(Object.entries(tlsServers))('is %s is not verified', async (label, { reason }) => {
    const args = ['verify', `${label}.acme.example`, ...flags(reason)];
    const { code, json } = await countersign(Verdict, args, runner(reason));
    expect(json.checks.find(({ outcome }) => outcome === 'fail')).toMatchObject({ reason });
    expect(code).toBe(1);
  });

  test.each(Object.entries(httpsServers))('is %s gives no result', async (label, { status, reason }) => {
    const { code, json } = await invoke(label, reason);
    expect(json).toMatchObject({ ok: false, data: null, signal: { status, reason } });
    expect(code).toBe(1);
  });

  test('is not there gives connect_failed', async () => {
    const { code, json } = await invoke('absent', 'connect_failed');
    expect(json).toMatchObject({ ok: false, signal: { status: 'refused', reason: 'connect_failed' } });
    expect(code).toBe(1);
  });

  test('behaves gives its result within the same time', async () => {
    const { code, json } = await invoke('chat', 'none');
    expect(json).toMatchObject({ ok: true, signal: { status: 'success' } });
    expect(code).toBe(0);
  });
});
