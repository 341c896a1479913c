// undici and fetch over the verified connector.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Verdict } from '@countersign/core';
import { request } from 'undici';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { createDispatcher, type DispatcherOptions } from '../src/dispatcher.js';
import { createSecureFetch } from '../src/fetch.js';
import { makeIdentity, tlsaOf } from './support/certificates.js';
import { fakeResolver, loopback, tlsaAnswer } from './support/resolver.js';
import { startTcpServer, startTlsServer, type TestServer, type TlsServerOptions } from './support/server.js';

const honest = makeIdentity({ san: 'DNS:a.example' });
const impostor = makeIdentity({ san: 'DNS:a.example' });
const closing: (() => Promise<void>)[] = [];
const closeAll = async () => {
  for (const close of closing.splice(0).reverse()) await close();
};
afterEach(closeAll);
afterAll(closeAll);

async function serve(identity: typeof honest, options?: TlsServerOptions): Promise<TestServer> {
  const server = await startTlsServer(identity, [], options);
  closing.push(() => server.close());
  return server;
}

function optionsFor(server: TestServer): DispatcherOptions & { readonly verdicts: Verdict[] } {
  const verdicts: Verdict[] = [];
  const resolver = fakeResolver({
    'a.example A': loopback,
    'b.example A': loopback,
    [`_${server.port}._tcp.a.example TLSA`]: tlsaAnswer([tlsaOf(honest)]),
  });
  const onVerdict = (verdict: Verdict) => void verdicts.push(verdict);
  return { resolver, dane: 'require', allowAddresses: ['127.0.0.1'], timeoutMs: 5000, onVerdict, verdicts };
}

function open(server: TestServer) {
  const options = optionsFor(server);
  const secure = createSecureFetch(options);
  closing.push(() => secure.close());
  return { ...options, fetch: secure.fetch, origin: `https://a.example:${server.port}` };
}

const reply = (status: string, ...headers: string[]) =>
  [`HTTP/1.1 ${status}`, 'Content-Length: 0', ...headers, '', ''].join('\r\n');
const hello = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';

describe('a request through the dispatcher', () => {
  test('works with the right peer, and its verdict is told once for a connection that is kept', async () => {
    const server = await serve(honest);
    const { verdicts, ...options } = optionsFor(server);
    const dispatcher = createDispatcher(options);
    closing.push(() => dispatcher.close());
    for (let turn = 0; turn < 3; turn++) {
      const response = await request(`https://a.example:${server.port}/`, { dispatcher });
      expect(await response.body.text()).toBe('hello');
      // The pool would open a second connection while the first is still being put back.
      await sleep(20);
    }
    expect(verdicts.map(({ ok }) => ok)).toEqual([true]);
    expect(server.resumed).toEqual([false]);
  });

  test('is refused with the verdict when the peer is an impostor, who sees nothing of it', async () => {
    const server = await serve(impostor);
    const { verdicts, ...options } = optionsFor(server);
    const dispatcher = createDispatcher(options);
    closing.push(() => dispatcher.close());
    await expect(request(`https://a.example:${server.port}/`, { dispatcher })).rejects.toMatchObject({
      code: 'ERR_DANE_MISMATCH',
      verdict: { ok: false },
    });
    expect(verdicts.map(({ ok }) => ok)).toEqual([false]);
    expect(server.received()).toBe('');
  });

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(`never resumes a session: the second connection shows its certificate again (${maxVersion})`, async () => {
      const server = await serve(honest, { maxVersion });
      const { verdicts, ...options } = optionsFor(server);
      const dispatcher = createDispatcher(options);
      closing.push(() => dispatcher.close());
      for (let turn = 0; turn < 2; turn++) {
        const url = `https://a.example:${server.port}/`;
        const response = await request(url, { dispatcher, reset: true });
        await response.body.text();
      }
      expect(server.resumed).toEqual([false, false]);
      expect(verdicts.length).toBe(2);
    });
  }

  test('in the clear is refused', async () => {
    const server = await startTcpServer(() => undefined);
    closing.push(() => server.close());
    const dispatcher = createDispatcher(optionsFor(server));
    closing.push(() => dispatcher.close());
    await expect(request(`http://a.example:${server.port}/`, { dispatcher })).rejects.toMatchObject({
      code: 'ERR_CLEARTEXT_REFUSED',
    });
    expect(server.open()).toBe(0);
  });

  test('fails, and the connection is closed, when the one who hears the verdict throws', async () => {
    const server = await serve(honest);
    const onVerdict = () => {
      throw new Error('the ledger is full');
    };
    const dispatcher = createDispatcher({ ...optionsFor(server), onVerdict });
    closing.push(() => dispatcher.close());
    const sent = request(`https://a.example:${server.port}/`, { dispatcher });
    await expect(sent).rejects.toThrow('the ledger is full');
    expect(server.received()).toBe('');
  });
});

describe('fetch', () => {
  test('returns the response of the right peer, and sends method, headers and body', async () => {
    const server = await serve(honest);
    const { fetch, origin } = open(server);
    const headers = new Headers({ 'x-agent': 'one' });
    const response = await fetch(`${origin}/call`, { method: 'POST', headers, body: 'question' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('hello');
    expect(server.received()).toMatch(
      /^POST \/call HTTP\/1\.1\r\n[\s\S]*x-agent: one[\s\S]*\r\n\r\nquestion$/,
    );
  });

  test('takes a URL, a Request of the runtime and its FormData', async () => {
    const server = await serve(honest);
    const { fetch, origin } = open(server);
    await (await fetch(new URL('/url', origin))).text();
    const given = new Request(`${origin}/request`, {
      method: 'PUT',
      body: 'content',
      headers: { 'x-agent': 'two' },
    });
    await (await fetch(given)).text();
    const form = new FormData();
    form.set('field', 'value');
    await (await fetch(`${origin}/form`, { method: 'POST', body: form })).text();
    expect(server.received()).toContain('GET /url ');
    expect(server.received()).toMatch(/PUT \/request [\s\S]*x-agent: two/);
    expect(server.received()).toMatch(/content-type: multipart\/form-data[\s\S]*name="field"\r\n\r\nvalue/);
  });

  test('rejects with the refusal itself', async () => {
    const server = await serve(impostor);
    const { fetch, origin } = open(server);
    await expect(fetch(origin)).rejects.toMatchObject({
      name: 'PeerRefusedError',
      code: 'ERR_DANE_MISMATCH',
    });
    expect(server.received()).toBe('');
  });

  test('refuses http without dialling', async () => {
    const server = await serve(honest);
    const { fetch, verdicts } = open(server);
    const sent = fetch(`http://a.example:${server.port}/`);
    await expect(sent).rejects.toMatchObject({ code: 'ERR_CLEARTEXT_REFUSED' });
    expect(verdicts).toEqual([]);
    expect(server.open()).toBe(0);
  });

  test('follows a redirect within the origin', async () => {
    const answer = (request: string) =>
      request.startsWith('GET /old ') ? reply('302 Found', 'Location: /new') : hello;
    const { fetch, origin } = open(await serve(honest, { reply: answer }));
    const response = await fetch(`${origin}/old`);
    expect(await response.text()).toBe('hello');
    expect(response.url).toBe(`${origin}/new`);
  });

  for (const target of [
    'https://b.example/',
    'http://a.example/',
    'https://a.example:8443/',
    '//b.example/',
  ]) {
    test(`refuses a redirect to ${target}, and dials nobody`, async () => {
      const answer = () => reply('307 Temporary Redirect', `Location: ${target}`);
      const { fetch, origin, verdicts } = open(await serve(honest, { reply: answer }));
      const sent = fetch(origin, { headers: { authorization: 'Bearer secret' } });
      await expect(sent).rejects.toMatchObject({ code: 'ERR_REDIRECT_REFUSED' });
      expect(verdicts.length).toBe(1);
    });
  }

  test('hands a redirect over when it is asked not to follow', async () => {
    const answer = () => reply('302 Found', 'Location: https://b.example/');
    const { fetch, origin } = open(await serve(honest, { reply: answer }));
    const response = await fetch(origin, { redirect: 'manual' });
    expect(response.status).toBe(302);
  });

  test('is aborted by its signal', async () => {
    const { fetch, origin } = open(await serve(honest, { reply: () => '' }));
    await expect(fetch(origin, { signal: AbortSignal.timeout(100) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });
});
