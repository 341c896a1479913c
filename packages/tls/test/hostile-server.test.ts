// Servers that misbehave and callers that change their mind: each ends in time, with a clear error, leaving no
// socket behind.

import { getEventListeners } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { dialTcp } from '../src/dial.js';
import { connectPeer } from '../src/peer.js';
import type { PeerOptions } from '../src/policy.js';
import { makeIdentity, tlsaOf } from './support/certificates.js';
import { fakeResolver, loopback, tlsaAnswer } from './support/resolver.js';
import { startTcpServer, startTlsServer, type TestServer } from './support/server.js';

const identity = makeIdentity({ san: 'DNS:a.example' });
const servers: TestServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(onConnection: (socket: Socket) => void): Promise<TestServer> {
  const server = await startTcpServer(onConnection);
  servers.push(server);
  return server;
}

function connect(port: number, options: Partial<PeerOptions> = {}, signal?: AbortSignal) {
  const resolver = fakeResolver({ 'a.example A': loopback });
  const all = { resolver, allowAddresses: ['127.0.0.0/8'], timeoutMs: 400, ...options };
  return connectPeer({ host: 'a.example', port }, all, signal);
}

async function expectClosed(server: TestServer): Promise<void> {
  for (let wait = 0; wait < 100 && server.open() > 0; wait++) await sleep(10);
  expect(server.open()).toBe(0);
}

describe('a server that', () => {
  const behaviours: Readonly<Record<string, (socket: Socket) => void>> = {
    'never speaks': () => undefined,
    'closes at once': (socket) => void socket.end(),
    'resets the connection': (socket) => void setTimeout(() => socket.resetAndDestroy(), 20),
    'sends garbage': (socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
    'sends zeroes without end': (socket) => {
      const flood = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536)));
      };
      socket.on('drain', flood);
      flood();
    },
    'drips a record that never ends': (socket) => {
      socket.write(Buffer.from([0x16, 0x03, 0x03, 0x40, 0x00, 0x02, 0x00, 0x3f, 0xfc]));
      const timer = setInterval(() => socket.write(Buffer.from([0])), 20);
      socket.on('close', () => clearInterval(timer));
    },
  };
  for (const [what, behave] of Object.entries(behaviours)) {
    test(`${what} is refused in time, and let go`, async () => {
      const server = await serve(behave);
      const started = performance.now();
      await expect(connect(server.port)).rejects.toMatchObject({ code: 'ERR_TLS_HANDSHAKE_FAILED' });
      expect(performance.now() - started).toBeLessThan(2000);
      await expectClosed(server);
    });
  }

  test('speaks no TLS is told in words, without what only this process knows', async () => {
    const server = await serve((socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const refusal: unknown = await connect(server.port).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      message: expect.stringMatching(
        /the TLS handshake failed: wrong version number \(ERR_SSL_WRONG_VERSION_NUMBER\)$/,
      ),
    });
  });

  test('refuses our version is told by its alert', async () => {
    const alert = Buffer.from([0x15, 3, 3, 0, 2, 2, 70]);
    const server = await serve((socket) => void socket.once('data', () => socket.write(alert)));
    await expect(connect(server.port)).rejects.toThrow(
      /handshake failed: tlsv1 alert protocol version \(ERR_SSL_[A-Z0-9_]+\)$/,
    );
  });

  test('does not listen is a failed connection', async () => {
    const server = await startTcpServer(() => undefined);
    await server.close();
    await expect(connect(server.port)).rejects.toMatchObject({ code: 'ERR_CONNECT_FAILED' });
  });

  test('hangs up while the TLSA answer is awaited does not end the process', async () => {
    const server = await startTlsServer(identity);
    servers.push(server);
    const table = fakeResolver({
      'a.example A': loopback,
      [`_${server.port}._tcp.a.example TLSA`]: tlsaAnswer([tlsaOf(identity)]),
    });
    const resolver = {
      resolve: async (...args: Parameters<typeof table.resolve>) => {
        if (String(args[0]).includes('_tcp')) {
          while (server.open() === 0 || server.resumed.length === 0) await sleep(5);
          await server.close();
          await sleep(50);
        }
        return table.resolve(...args);
      },
    };
    const connecting = connect(server.port, { resolver, dane: 'require', timeoutMs: 5000 });
    const outcome = await connecting.then(
      (peer) => new Promise((resolve) => peer.socket.once('close', () => resolve('closed')).resume()),
      (error: { code: string }) => error.code,
    );
    expect(['closed', 'ERR_TLS_HANDSHAKE_FAILED']).toContain(outcome);
  });
});

describe('a dial that', () => {
  test('never opens is a connection that timed out', async () => {
    const dial = (): Promise<Socket> => new Promise(() => undefined);
    await expect(connect(443, { dial })).rejects.toMatchObject({ code: 'ERR_CONNECT_TIMEOUT' });
  });

  test('opens too late is closed again', async () => {
    const server = await serve(() => undefined);
    let late: Socket | undefined;
    const dial: typeof dialTcp = async (_address, port) => {
      late = connectTcp(port, '127.0.0.1');
      await sleep(300);
      return late;
    };
    await expect(connect(server.port, { dial, timeoutMs: 100 })).rejects.toMatchObject({
      code: 'ERR_CONNECT_TIMEOUT',
    });
    await sleep(400);
    expect(late?.destroyed).toBe(true);
    await expectClosed(server);
  });

  test('is handed in gets the vetted address, and nothing else is dialled', async () => {
    const server = await serve((socket) => void socket.end());
    const dialled: string[] = [];
    const dial: typeof dialTcp = (address, port, signal) => {
      dialled.push(`${address.address} ${port}`);
      return dialTcp(address, port, signal);
    };
    await expect(connect(server.port, { dial })).rejects.toMatchObject({ code: 'ERR_TLS_HANDSHAKE_FAILED' });
    expect(dialled).toEqual([`127.0.0.1 ${server.port}`]);
  });
});

describe('a caller that aborts', () => {
  const reason = new Error('changed my mind');

  test('finds nothing of ours left on his signal, accepted or refused', async () => {
    const server = await startTlsServer(identity);
    servers.push(server);
    const { signal } = new AbortController();
    const peer = await connect(server.port, { ca: [identity.cert] }, signal);
    peer.socket.destroy();
    await expect(connect(server.port, {}, signal)).rejects.toMatchObject({
      code: 'ERR_CERTIFICATE_UNTRUSTED',
    });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('beforehand gets his own reason and nothing is asked', async () => {
    const resolver = fakeResolver({});
    await expect(connect(443, { resolver }, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(resolver.asked).toEqual([]);
  });

  test('during the address lookup, the dial, the handshake or the TLSA lookup gets his own reason', async () => {
    const silent = await serve(() => undefined);
    const honest = await startTlsServer(identity);
    servers.push(honest);
    const noAddress = fakeResolver({ 'a.example A': { silent: true } });
    const owner = `_${honest.port}._tcp.a.example TLSA`;
    const noTlsa = fakeResolver({ 'a.example A': loopback, [owner]: { silent: true } });
    const stages: readonly (readonly [number, Partial<PeerOptions>])[] = [
      [silent.port, { resolver: noAddress }],
      [silent.port, { dial: () => new Promise(() => undefined) }],
      [silent.port, {}],
      [honest.port, { resolver: noTlsa, dane: 'prefer', ca: [identity.cert] }],
    ];
    for (const [port, options] of stages) {
      const controller = new AbortController();
      const connecting = connect(port, { ...options, timeoutMs: 5000 }, controller.signal);
      setTimeout(() => controller.abort(reason), 150);
      await expect(connecting).rejects.toBe(reason);
    }
    await expectClosed(silent);
    await expectClosed(honest);
  });

  test('after the peer was accepted does not touch the connection', async () => {
    const server = await startTlsServer(identity);
    servers.push(server);
    const controller = new AbortController();
    const peer = await connect(server.port, { ca: [identity.cert] }, controller.signal);
    controller.abort(reason);
    await sleep(50);
    expect(peer.socket.destroyed).toBe(false);
    peer.socket.destroy();
  });
});
