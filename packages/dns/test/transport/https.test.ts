// DNS over HTTPS with servers that keep and break the rules of RFC 8484 and RFC 9113.

import {
  constants,
  createSecureServer,
  type Http2Session,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer as createTlsServer } from 'node:tls';
import { createAuthority, selfSigned } from '@countersign/lab';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeMessage } from '../../src/message.js';
import { DnsName } from '../../src/name.js';
import type { ExchangeConfig } from '../../src/transport/exchange.js';
import type { ServerIdentity } from '../../src/transport/server.js';
import { question, replyTo, truncated } from './misbehaving.js';
import { pinOf } from './pin.js';
import { refusal } from './refusal.js';
import { quickExchange } from './streams.js';

const credentials = selfSigned({ names: ['dns.test'] });
const pins = [pinOf(credentials.certificate)];
const mediaType = 'application/dns-message';

const closables: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(closables.splice(0).map((closable) => closable.close()));
});

interface HttpsQuery {
  readonly octets: Uint8Array;
  readonly headers: IncomingHttpHeaders;
  readonly stream: ServerHttp2Stream;
  /** From 1, in the order in which sessions were opened. */
  readonly session: number;
  /** How many queries this session has had, this one included. */
  readonly count: number;
}

type Behaviour = (query: HttpsQuery) => void;

function send({ stream }: HttpsQuery, body: Uint8Array, headers: Record<string, string | number> = {}): void {
  if (stream.destroyed) return;
  stream.respond({ ':status': 200, 'content-type': mediaType, ...headers });
  stream.end(body);
}

const answer: Behaviour = (query) => send(query, replyTo(query.octets));

async function start(
  behaviour: Behaviour,
  config: Partial<ExchangeConfig> = {},
  identity: ServerIdentity = { pins },
  tls: { cert: string; key: string } = credentials,
) {
  const sessions: Http2Session[] = [];
  const queries: HttpsQuery[] = [];
  const server = createSecureServer({ ...tls, allowHTTP1: false });
  const counts = new Map<Http2Session, number>();
  server.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => undefined);
  });
  server.on('sessionError', () => undefined);
  server.on('tlsClientError', () => undefined);
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const { session } = stream;
      if (session === undefined) return;
      const count = (counts.get(session) ?? 0) + 1;
      counts.set(session, count);
      const octets = new Uint8Array(Buffer.concat(chunks));
      const query = { octets, headers, stream, session: sessions.indexOf(session) + 1, count };
      queries.push(query);
      behaviour(query);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const exchange = quickExchange(
    [{ protocol: 'https', host: '127.0.0.1', port: address.port, path: '/dns-query', ...identity }],
    { attemptTimeoutMs: 1000, ...config },
  );
  closables.push(exchange, {
    close: () =>
      new Promise<void>((resolve) => {
        for (const session of sessions) session.destroy();
        server.close(() => resolve());
      }),
  });
  return { exchange, sessions, queries, port: address.port };
}

describe('over HTTPS', () => {
  it('posts a padded message with the id 0 and takes the reply', async () => {
    const { exchange, queries, port } = await start(answer);
    expect((await exchange(question)).answers).toHaveLength(1);
    const [query] = queries;
    expect(query?.headers).toMatchObject({
      ':method': 'POST',
      ':scheme': 'https',
      ':authority': `127.0.0.1:${port}`,
      ':path': '/dns-query',
      accept: mediaType,
      'content-type': mediaType,
      'content-length': '128',
    });
    expect(decodeMessage(query?.octets ?? new Uint8Array())).toMatchObject({
      id: 0,
      questions: [{ type: 1 }],
    });
  });

  it('asks many questions in one session, at once and one after another, answered in any order', async () => {
    const held: HttpsQuery[] = [];
    const { exchange, sessions, queries } = await start((query) => {
      held.push(query);
      if (query.count < 10) return;
      for (const one of held.splice(0).reverse()) answer(one);
    });
    const names = Array.from({ length: 10 }, (_, at) => DnsName.parse(`n${at}.example`));
    const replies = await Promise.all(names.map((name) => exchange({ ...question, name })));
    expect(replies.map(({ questions }) => questions[0]?.name.toString())).toEqual(names.map(String));
    await exchange(question);
    expect(sessions).toHaveLength(1);
    expect(queries).toHaveLength(11);
  });

  it('names the server in SNI, certificate and authority', async () => {
    const authority = createAuthority();
    const issued = authority.issue({ names: ['dns.test'] });
    const trusted = { name: 'dns.test', ca: [authority.certificate] };
    const good = await start(answer, {}, trusted, issued);
    expect((await good.exchange(question)).answers).toHaveLength(1);
    expect(good.queries[0]?.headers[':authority']).toBe(`dns.test:${good.port}`);
    const other = await start(answer, {}, { ...trusted, name: 'other.test' }, issued);
    expect((await refusal(other.exchange(question))).code).toBe('ERR_DNS_UNAUTHENTICATED');
    expect(other.queries).toHaveLength(0);
  });

  it('sends nothing to a server with another key', async () => {
    const { exchange, queries } = await start(
      answer,
      {},
      { pins: [pinOf(selfSigned({ names: ['a.test'] }).certificate)] },
    );
    expect((await refusal(exchange(question))).code).toBe('ERR_DNS_UNAUTHENTICATED');
    expect(queries).toHaveLength(0);
  });

  const fields = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-${at}`, '1']));
  const body = (query: HttpsQuery) => replyTo(query.octets);
  it.each<[string, Behaviour, string]>([
    ['status 500', (query) => send(query, body(query), { ':status': 500 }), 'ERR_DNS_MALFORMED'],
    ['status 404', (query) => send(query, body(query), { ':status': 404 }), 'ERR_DNS_MALFORMED'],
    [
      'a redirection',
      (query) => send(query, body(query), { ':status': 307, location: 'https://127.0.0.1/' }),
      'ERR_DNS_MALFORMED',
    ],
    [
      'another content type',
      (query) => send(query, body(query), { 'content-type': 'text/html' }),
      'ERR_DNS_MALFORMED',
    ],
    ['a body of 65536 octets', (query) => send(query, new Uint8Array(65536)), 'ERR_DNS_MALFORMED'],
    [
      'a body that is announced as 65536 octets',
      ({ stream }) => stream.respond({ ':status': 200, 'content-type': mediaType, 'content-length': 65536 }),
      'ERR_DNS_MALFORMED',
    ],
    ['an empty body', (query) => send(query, new Uint8Array()), 'ERR_DNS_MALFORMED'],
    [
      'garbage',
      (query) =>
        send(
          query,
          Uint8Array.from({ length: 100 }, (_, at) => at * 7),
        ),
      'ERR_DNS_MALFORMED',
    ],
    ['a wrong id', (query) => send(query, replyTo(query.octets, { id: 1 })), 'ERR_DNS_MALFORMED'],
    [
      "the answer to another's question",
      (query) => send(query, replyTo(query.octets, { questions: [{ ...question, type: 28 }] })),
      'ERR_DNS_MALFORMED',
    ],
    [
      'a truncated reply',
      (query) => send(query, replyTo(query.octets, { flags: truncated, answers: [] })),
      'ERR_DNS_MALFORMED',
    ],
    [
      'octets behind the message',
      (query) => send(query, Uint8Array.of(...body(query), 0)),
      'ERR_DNS_MALFORMED',
    ],
    ['half a message', (query) => send(query, body(query).subarray(0, 50)), 'ERR_DNS_MALFORMED'],
    ['more than 64 header fields', (query) => send(query, body(query), fields(65)), 'ERR_DNS_UNREACHABLE'],
    ['silence', () => undefined, 'ERR_DNS_TIMEOUT'],
    [
      'headers and silence',
      ({ stream }) => stream.respond({ ':status': 200, 'content-type': mediaType }),
      'ERR_DNS_TIMEOUT',
    ],
    [
      'a stream that is reset',
      ({ stream }) => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
      'ERR_DNS_UNREACHABLE',
    ],
    ['a connection that is closed', ({ stream }) => stream.session?.destroy(), 'ERR_DNS_UNREACHABLE'],
    [
      'a connection that is closed in the middle of the body',
      (query) => {
        query.stream.respond({ ':status': 200, 'content-type': mediaType });
        query.stream.write(body(query).subarray(0, 50));
        setTimeout(() => query.stream.session?.destroy(), 20);
      },
      'ERR_DNS_UNREACHABLE',
    ],
  ])('refuses %s, and takes a proper reply in its place', async (_, behaviour, code) => {
    const bad = await start(behaviour, { attemptTimeoutMs: 300, rounds: 2 });
    expect((await refusal(bad.exchange(question))).code).toBe(code);
    const good = await start(answer, { rounds: 2 });
    expect((await good.exchange(question)).answers).toHaveLength(1);
  });

  it('takes a content type with a parameter, 60 fields, and a body of 65535 octets', async () => {
    const { exchange } = await start((query) => {
      const bare = replyTo(query.octets, { answers: [] }).length;
      const rdata = new Uint8Array(65535 - bare - 11);
      const large = { name: DnsName.root, type: 65280, class: 1, ttl: 0, rdata };
      send(query, replyTo(query.octets, { answers: [large] }), {
        'content-type': `${mediaType}; charset=utf-8`,
      });
    });
    expect((await exchange(question)).answers[0]?.rdata.length).toBeGreaterThan(65000);
  });

  it('asks once more on a new session what GOAWAY says was not taken on', async () => {
    // A frame: length, type, flags, stream. SETTINGS without any; GOAWAY with the last stream 0 and no error.
    const settings = Buffer.from('000000040000000000', 'hex');
    const goaway = Buffer.from('0000080700000000000000000000000000', 'hex');
    let connections = 0;
    const server = createTlsServer({ ...credentials, ALPNProtocols: ['h2'] }, (socket) => {
      connections += 1;
      socket.on('error', () => undefined);
      if (connections === 1) {
        socket.write(settings);
        socket.once('data', () => setTimeout(() => socket.write(goaway), 50));
        return;
      }
      performServerHandshake(socket).on('stream', (stream: ServerHttp2Stream) => {
        stream.on('data', (octets: Buffer) => {
          stream.respond({ ':status': 200, 'content-type': mediaType });
          stream.end(replyTo(octets));
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const exchange = quickExchange(
      [{ protocol: 'https', host: '127.0.0.1', port: address.port, path: '/dns-query', pins }],
      { rounds: 1, attemptTimeoutMs: 2000 },
    );
    closables.push(exchange, { close: () => void server.close() });
    expect((await exchange(question)).answers).toHaveLength(1);
    await exchange(question);
    expect(connections).toBe(2);
  });

  it('asks once more on a new session after GOAWAY with an error', async () => {
    const { exchange, sessions } = await start(
      (query) => {
        if (query.session > 1) answer(query);
        else query.stream.session?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
      },
      { rounds: 1 },
    );
    expect((await exchange(question)).answers).toHaveLength(1);
    expect(sessions).toHaveLength(2);
  });

  it('waits for what a session still answers after GOAWAY', async () => {
    const { exchange, sessions } = await start((query) => {
      if (query.session > 1) return answer(query);
      query.stream.session?.goaway();
      setTimeout(() => answer(query), 50);
    });
    expect((await exchange(question)).answers).toHaveLength(1);
    expect(sessions).toHaveLength(1);
    expect((await exchange(question)).answers).toHaveLength(1);
    expect(sessions).toHaveLength(2);
  });

  it('asks once more on a new session when the server closes one, and no third time', async () => {
    const closing =
      (last: number): Behaviour =>
      (query) =>
        query.session > last ? answer(query) : query.stream.session?.destroy();
    const once = await start(closing(1), { rounds: 1 });
    expect((await once.exchange(question)).answers).toHaveLength(1);
    const twice = await start(closing(2), { rounds: 1 });
    expect((await refusal(twice.exchange(question))).code).toBe('ERR_DNS_UNREACHABLE');
    expect(twice.sessions).toHaveLength(2);
  });

  it('opens a new session after one that went silent', async () => {
    const { exchange, sessions } = await start((query) => query.session > 1 && answer(query), {
      attemptTimeoutMs: 300,
      rounds: 2,
    });
    expect((await exchange(question)).answers).toHaveLength(1);
    expect(sessions).toHaveLength(2);
  });

  it('closes a session that nobody has used for the idle time', async () => {
    const { exchange, sessions } = await start(answer, { idleTimeoutMs: 100 });
    await exchange(question);
    await expect.poll(() => sessions[0]?.destroyed).toBe(true);
    expect((await exchange(question)).answers).toHaveLength(1);
    expect(sessions).toHaveLength(2);
  });

  it('keeps a session whose query was given up', async () => {
    const { exchange, sessions, queries } = await start((query) => query.count > 1 && answer(query));
    const controller = new AbortController();
    const given = exchange(question, { signal: controller.signal });
    await expect.poll(() => queries.length).toBe(1);
    controller.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    expect((await exchange(question)).answers).toHaveLength(1);
    expect(sessions).toHaveLength(1);
  });

  it('refuses a server that does not speak HTTP/2, and one that speaks garbage', async () => {
    for (const ALPNProtocols of [['http/1.1'], ['h2']]) {
      const server = createTlsServer({ ...credentials, ALPNProtocols }, (socket) => {
        socket.resume().on('error', () => undefined);
        socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      });
      server.on('tlsClientError', () => undefined);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      closables.push({ close: () => new Promise<void>((resolve) => server.close(() => resolve())) });
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      const exchange = quickExchange([
        { protocol: 'https', host: '127.0.0.1', port: address.port, path: '/dns-query', pins },
      ]);
      expect((await refusal(exchange(question))).code).toBe('ERR_DNS_UNREACHABLE');
      exchange.close();
    }
  });

  it('ends what is under way when it is closed', async () => {
    const { exchange, sessions, queries } = await start(() => undefined);
    const waiting = refusal(exchange(question));
    await expect.poll(() => queries.length).toBe(1);
    exchange.close();
    expect((await waiting).code).toBe('ERR_DNS_UNREACHABLE');
    await expect.poll(() => sessions[0]?.destroyed).toBe(true);
  });
});
