import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject, JsonValue, Signal } from '@countersign/core';
import { Rcode } from '@countersign/dns';
import type { RequestHandler } from '@countersign/lab';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AgentCall, AgentRecord } from '../src/index.js';
import {
  agentName,
  agentTarget,
  type Endpoint,
  honest,
  impostor,
  startEndpoint,
  svcb,
  wrongTlsa,
} from './support/endpoint.js';
import { A, SVCB, TLSA, TXT } from './support/resolver.js';

let endpoint: Endpoint | undefined;
const start = async (handle: RequestHandler = echo, protocol = 'https'): Promise<Endpoint> => {
  endpoint = await startEndpoint(protocol, handle);
  return endpoint;
};
afterEach(async () => {
  await endpoint?.close();
  endpoint = undefined;
});

/** Answers with what it was sent. */
const echo: RequestHandler = async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { method, url, headers } = request;
  response.end(JSON.stringify({ method, url, body: JSON.parse(body), traceparent: headers.traceparent }));
};
const answer =
  (status: number, body: string | Buffer, headers: Record<string, string> = {}): RequestHandler =>
  async (request, response) => {
    request.resume();
    response.writeHead(status, headers).end(body);
  };

const summary = ({ status, reason }: Signal) => ({ status, reason });
const failedChecks = (signal: Signal) =>
  signal.verdict.checks
    .filter(({ outcome }) => outcome === 'fail')
    .map(({ check, reason }) => `${check}:${reason}`);

describe('invoke over HTTPS', () => {
  it('posts the arguments to the method and gives back the JSON answer', async () => {
    const { client } = await start();
    const { ok, data, signal } = await client().invoke(agentName, {
      method: 'forecast',
      args: { city: 'Oslo' },
      path: '/v1/',
    });
    expect({ ok, data }).toMatchObject({
      ok: true,
      data: { method: 'POST', url: '/v1/forecast', body: { city: 'Oslo' } },
    });
    expect(signal).toMatchObject({
      status: 'success',
      agent: agentName,
      protocol: 'https',
      method: 'forecast',
    });
    expect(signal).not.toHaveProperty('reason');
  });

  it('leaves every check in the Signal, in the order of the gates', async () => {
    const { client, port } = await start();
    const { signal } = await client().invoke(agentName, { method: 'm' });
    expect(signal.verdict).toMatchObject({ subject: agentName, ok: true });
    expect(signal.verdict.checks.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['record', 'freshness', 'dnssec', 'address', 'tls', 'dane']),
    );
    expect(signal.verdict.checks.slice(0, 4).map(({ check }) => check)).toEqual([
      'record',
      'freshness',
      'dnssec',
      'address',
    ]);
    expect(signal.endpoint).toBe(`https://${agentTarget}:${port}`);
  });

  it('sends a new W3C traceparent with the trace id of the Signal', async () => {
    const { client } = await start();
    const agent = client();
    const calls = [
      await agent.invoke(agentName, { method: 'm' }),
      await agent.invoke(agentName, { method: 'm' }),
    ];
    for (const { data, signal } of calls) {
      expect(data).toMatchObject({
        traceparent: expect.stringMatching(`^00-${signal.traceId}-[0-9a-f]{16}-01$`),
      });
      expect(signal.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
    expect(calls[0]?.signal.traceId).not.toBe(calls[1]?.signal.traceId);
  });

  it('keeps a path and a method on the origin that was verified', async () => {
    const { client } = await start();
    const { data } = await client().invoke(agentName, {
      method: '//evil.example/x',
      path: '//evil.example/?a#b',
    });
    expect(data).toMatchObject({ url: expect.stringMatching(/^\/\/?evil\.example\//) });
  });

  it('tells the observer of every call', async () => {
    const signals: Signal[] = [];
    const { client } = await start();
    const { signal } = await client({ onSignal: (each) => signals.push(each) }).invoke(agentName, {
      method: 'm',
    });
    expect(signals).toEqual([signal]);
  });

  it('gives back text that is no JSON, and null for no body', async () => {
    const { client } = await start(answer(200, 'plain'));
    expect((await client().invoke(agentName, { method: 'm' })).data).toBe('plain');
    await endpoint?.close();
    const empty = await start(answer(204, ''));
    expect(await empty.client().invoke(agentName, { method: 'm' })).toMatchObject({ ok: true, data: null });
  });

  it.each([400, 404, 500, 503])('takes the HTTP status %i for an error', async (status) => {
    const { client } = await start(answer(status, 'no \u001b[31m\u202e such thing'.repeat(100)));
    const { ok, data, signal } = await client().invoke(agentName, { method: 'm' });
    expect({ ok, data, ...summary(signal) }).toEqual({
      ok: false,
      data: null,
      status: 'error',
      reason: 'http_status',
    });
    expect(signal.detail).toContain(String(status));
    expect(signal.detail).not.toMatch(/\p{C}/u);
    expect(signal.detail.length).toBeLessThan(300);
    expect(signal.verdict.ok).toBe(true);
  });

  it('does not follow a redirect', async () => {
    const { client } = await start(answer(307, '', { location: 'https://evil.example/' }));
    const { signal } = await client().invoke(agentName, { method: 'm' });
    expect(summary(signal)).toEqual({ status: 'error', reason: 'http_status' });
    expect(endpoint?.requests).toBe(1);
  });

  it.each([
    [600, 'protocol_error'],
    [999, 'protocol_error'],
    [599, 'http_status'],
  ])('takes the HTTP status %i, whose body never ends, for a %s', async (status, reason) => {
    const { client } = await start(async (request, response) => {
      request.resume();
      response.writeHead(status);
      response.write('x');
      if (status <= 599) response.end();
    });
    const { signal } = await client().invoke(agentName, { method: 'm' });
    expect(summary(signal)).toEqual({ status: 'error', reason });
    expect(signal.durationMs).toBeLessThan(3000);
  });

  it.each(['OK', '', '\u001b[31m', '\u20ac'])('does not mind the status text %j', async (text) => {
    const { client } = await start(async (request) => {
      request.resume();
      request.socket.write(`HTTP/1.1 200 ${text}\r\ncontent-length: 2\r\n\r\n{}`);
    });
    expect(await client().invoke(agentName, { method: 'm' })).toMatchObject({ ok: true, data: {} });
  });

  it('takes JSON that is nested 200 levels deep, and no deeper', async () => {
    const nested = (depth: number) => `${'['.repeat(depth)}"]]\\"[["${']'.repeat(depth)}`;
    for (const [depth, reason] of [
      [200, undefined],
      [201, 'protocol_error'],
      [100_000, 'protocol_error'],
    ] as const) {
      const { client } = await start(answer(200, nested(depth)));
      const { data, signal } = await client().invoke(agentName, { method: 'm' });
      expect(signal.reason).toBe(reason);
      expect(JSON.stringify(data)).toBe(reason === undefined ? nested(depth) : 'null');
      await endpoint?.close();
    }
  });

  it('stops a body at its limit and takes one that just fits', async () => {
    const { client } = await start(answer(200, 'x'.repeat(10_000)));
    const over = await client({ maxResponseBytes: 9999 }).invoke(agentName, { method: 'm' });
    expect(summary(over.signal)).toEqual({ status: 'error', reason: 'body_too_large' });
    expect(over.data).toBeNull();
    expect((await client({ maxResponseBytes: 10_000 }).invoke(agentName, { method: 'm' })).ok).toBe(true);
  });

  it('stops a body that never ends', async () => {
    const { client } = await start(async (request, response) => {
      request.resume();
      const chunk = Buffer.alloc(64 * 1024);
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more);
      more();
    });
    const { signal } = await client().invoke(agentName, { method: 'm' });
    expect(summary(signal)).toEqual({ status: 'error', reason: 'body_too_large' });
  });

  it('counts a compressed body as what it becomes', async () => {
    const { gzipSync } = await import('node:zlib');
    const bomb = gzipSync(Buffer.alloc(2_000_000));
    const { client } = await start(answer(200, bomb, { 'content-encoding': 'gzip' }));
    const { signal } = await client({ maxResponseBytes: 100_000 }).invoke(agentName, { method: 'm' });
    expect(bomb.length).toBeLessThan(100_000);
    expect(summary(signal)).toEqual({ status: 'error', reason: 'body_too_large' });
  });

  it('tells of a body that breaks off', async () => {
    const { client } = await start(async (request, response) => {
      request.resume();
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      await sleep(20);
      response.destroy();
    });
    const { signal } = await client().invoke(agentName, { method: 'm' });
    expect(summary(signal)).toEqual({ status: 'error', reason: 'connection_lost' });
  });

  it('tells of a server that closes instead of answering', async () => {
    const { client } = await start(async (request) => {
      request.socket.destroy();
    });
    const { signal } = await client().invoke(agentName, { method: 'm' });
    expect(summary(signal)).toEqual({ status: 'error', reason: 'connection_lost' });
  });
});

describe('time', () => {
  const silent: RequestHandler = async (request) => {
    request.resume();
  };

  it('ends a call whose answer does not come', async () => {
    const { client } = await start(silent);
    const { signal } = await client({ timeoutMs: 200 }).invoke(agentName, { method: 'm' });
    expect(summary(signal)).toEqual({ status: 'timeout', reason: 'timeout' });
    expect(signal.durationMs).toBeLessThan(2000);
    expect(signal.verdict.checks.length).toBeGreaterThan(4);
  });

  it('ends a call whose body drips', async () => {
    const { client } = await start(async (request, response) => {
      request.resume();
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(drip));
    });
    const { signal } = await client({ timeoutMs: 300 }).invoke(agentName, { method: 'm' });
    expect(summary(signal)).toEqual({ status: 'timeout', reason: 'timeout' });
  });

  it('ends a call whose look-up hangs', async () => {
    const { client, resolver } = await start();
    resolver.set(agentName, SVCB, { hangs: true });
    const { signal } = await client({ timeoutMs: 100 }).invoke(agentName, { method: 'm' });
    expect(summary(signal)).toEqual({ status: 'timeout', reason: 'timeout' });
  });

  it('ends a call when the caller aborts it', async () => {
    const { client } = await start(silent);
    const { signal } = await client().invoke(
      agentName,
      { method: 'm' },
      { signal: AbortSignal.timeout(100) },
    );
    expect(summary(signal)).toEqual({ status: 'error', reason: 'aborted' });
  });

  it.each(['abort', 'close'])('leaves no connection half open after an %s', async (how) => {
    const sockets = new Set<Socket>();
    const mute = createServer((socket) => {
      sockets.add(socket.resume());
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { port } = z.object({ port: z.number() }).parse(mute.address());
    const { client, resolver } = await start();
    resolver.set(agentName, SVCB, [svcb(port, 'https')]);
    const agent = client();
    const controller = new AbortController();
    const calling = agent.invoke(agentName, { method: 'm' }, { signal: controller.signal });
    await expect.poll(() => sockets.size).toBe(1);
    if (how === 'abort') controller.abort();
    else await agent.close();
    expect(summary((await calling).signal)).toEqual({ status: 'error', reason: 'aborted' });
    await sleep(100);
    const left = sockets.size;
    for (const socket of sockets) socket.destroy();
    mute.close();
    expect(left).toBe(0);
  });

  it('makes no request for a call that was aborted before', async () => {
    const { client, resolver } = await start();
    const { signal } = await client().invoke(agentName, { method: 'm' }, { signal: AbortSignal.abort() });
    expect(summary(signal)).toEqual({ status: 'error', reason: 'aborted' });
    expect(resolver.asked).toEqual([]);
    expect(endpoint?.requests).toBe(0);
  });

  it('ends what is under way when the client is closed, and takes no more', async () => {
    const { client } = await start(silent);
    const agent = client();
    const calling = agent.invoke(agentName, { method: 'm' });
    await sleep(100);
    await agent.close();
    expect(summary((await calling).signal)).toEqual({ status: 'error', reason: 'aborted' });
    await expect(agent.invoke(agentName, { method: 'm' })).rejects.toMatchObject({
      code: 'ERR_CLIENT_CLOSED',
    });
  });
});

describe('refusals', () => {
  /** No refused call may reach the agent. */
  const expectRefused = async (
    reason: string,
    call: Promise<{ ok: boolean; data: unknown; signal: Signal }>,
  ) => {
    const before = endpoint?.requests;
    const { ok, data, signal } = await call;
    expect({ ok, data, ...summary(signal) }).toEqual({ ok: false, data: null, status: 'refused', reason });
    expect(signal.verdict.ok).toBe(false);
    expect(failedChecks(signal).join()).toContain(reason);
    expect(endpoint?.requests).toBe(before);
    return signal;
  };

  it('refuses an impostor at the honest address, and the honest agent passes', async () => {
    const { client, present } = await start();
    const agent = client();
    expect((await agent.invoke(agentName, { method: 'm' })).ok).toBe(true);
    present(impostor);
    const signal = await expectRefused('dane_mismatch', agent.invoke(agentName, { method: 'm' }));
    expect(signal.detail).toContain(agentTarget);
    present(honest);
    expect((await agent.invoke(agentName, { method: 'm' })).ok).toBe(true);
  });

  it('refuses a self-signed peer without TLSA, and asks for TLSA where it is required', async () => {
    const { client, resolver, port } = await start();
    const tlsa = `_${port}._tcp.${agentTarget}`;
    resolver.set(tlsa, TLSA, {});
    await expectRefused('certificate_untrusted', client().invoke(agentName, { method: 'm' }));
    await expectRefused(
      'dane_absent',
      client({ requireDane: true, ca: [honest.cert] }).invoke(agentName, { method: 'm' }),
    );
    expect((await client({ ca: [honest.cert] }).invoke(agentName, { method: 'm' })).ok).toBe(true);
  });

  it('refuses a wrong and a bogus TLSA record in every mode that looks at it', async () => {
    const { client, resolver, port } = await start();
    const tlsa = `_${port}._tcp.${agentTarget}`;
    for (const mode of [{ preferDane: true }, { requireDane: true }]) {
      resolver.set(tlsa, TLSA, { rdata: [wrongTlsa] });
      await expectRefused('dane_mismatch', client(mode).invoke(agentName, { method: 'm' }));
      resolver.set(tlsa, TLSA, { status: 'bogus' });
      await expectRefused('dnssec_bogus', client(mode).invoke(agentName, { method: 'm' }));
    }
  });

  it('refuses a bogus record in every mode', async () => {
    const { client, resolver, port } = await start();
    resolver.set(agentName, SVCB, { status: 'bogus', rdata: [svcb(port, 'https')] });
    const signal = await expectRefused(
      'dnssec_bogus',
      client({ preferDane: false }).invoke(agentName, { method: 'm' }),
    );
    expect(failedChecks(signal)).toEqual(['dnssec:dnssec_bogus']);
  });

  it('refuses a handed-in record that is bogus, or not secure where that is required', async () => {
    const { client } = await start();
    const agent = client({ requireDnssec: true });
    const record = await only(agent.find(agentName));
    const bogus: AgentRecord = { ...record, dnssec: 'bogus' };
    await expectRefused('dnssec_bogus', client().invoke(bogus, { method: 'm' }));
    await expectRefused('dnssec_required', agent.invoke({ ...record, dnssec: 'insecure' }, { method: 'm' }));
    expect((await agent.invoke(record, { method: 'm' })).ok).toBe(true);
  });

  it('refuses an insecure record where DNSSEC is required, and warns of it where not', async () => {
    const { client, resolver, port } = await start();
    resolver.set(agentName, SVCB, { status: 'insecure', rdata: [svcb(port, 'https')] });
    await expectRefused(
      'dnssec_required',
      client({ requireDnssec: true }).invoke(agentName, { method: 'm' }),
    );
    const { ok, signal } = await client().invoke(agentName, { method: 'm' });
    expect(ok).toBe(true);
    expect(signal.verdict.checks).toContainEqual(
      expect.objectContaining({ check: 'dnssec', outcome: 'warn', reason: 'dnssec_insecure' }),
    );
  });

  it('refuses insecure addresses where DNSSEC is required', async () => {
    const { client, resolver } = await start();
    resolver.set(agentTarget, A, { status: 'insecure', rdata: ['127.0.0.1'] });
    await expectRefused(
      'dnssec_required',
      client({ requireDnssec: true }).invoke(agentName, { method: 'm' }),
    );
    expect((await client().invoke(agentName, { method: 'm' })).ok).toBe(true);
  });

  it('refuses an address that is not global, unless it is allowed', async () => {
    const { client } = await start();
    await expectRefused(
      'address_forbidden',
      client({ allowAddresses: [] }).invoke(agentName, { method: 'm' }),
    );
  });

  it.each([
    [
      'mandatory_unsupported',
      (port: number) => `1 ${agentTarget}. mandatory=key65500 alpn=https port=${port} key65500=x`,
    ],
    ['record_malformed', (port: number) => `1 _e.acme.example. alpn=https port=${port}`],
    ['protocol_unknown', (port: number) => `1 ${agentTarget}. alpn=h2 port=${port}`],
  ])('refuses a record with the reason %s', async (reason, rdata) => {
    const { client, resolver, port } = await start();
    resolver.set(agentName, SVCB, [rdata(port)]);
    const signal = await expectRefused(reason, client().invoke(agentName, { method: 'm' }));
    expect(failedChecks(signal)).toEqual([`record:${reason}`]);
    expect(signal).toMatchObject({ agent: agentName, endpoint: '', protocol: '' });
  });

  it('refuses a name without a record, a look-up that fails, and what is no name', async () => {
    const { client, resolver } = await start();
    await expectRefused('record_not_found', client().invoke('none.acme.example', { method: 'm' }));
    await expectRefused('name_invalid', client().invoke('\u001b[2Jnone', { method: 'm' }));
    resolver.set(agentName, SVCB, { status: 'indeterminate', rcode: Rcode.SERVFAIL });
    await expectRefused('lookup_failed', client().invoke(agentName, { method: 'm' }));
  });

  it('takes a DNS server that does not answer for a time-out', async () => {
    const { client, resolver } = await start();
    resolver.set(agentName, SVCB, { silent: true });
    const { ok, signal } = await client().invoke(agentName, { method: 'm' });
    expect({ ok, ...summary(signal) }).toEqual({ ok: false, status: 'timeout', reason: 'dns_timeout' });
    expect(failedChecks(signal)).toEqual(['record:dns_timeout']);
  });

  it('refuses a handed-in record whose target is no host name', async () => {
    const { client } = await start();
    const record = await only(client().find(agentName));
    for (const wrong of [{ target: 'user@edge.acme.example' }, { target: '127.0.0.1' }, { port: 0 }]) {
      await expectRefused('record_malformed', client().invoke({ ...record, ...wrong }, { method: 'm' }));
    }
  });

  it('refuses to call an agent of a protocol that it does not speak', async () => {
    const { client, resolver, port } = await start();
    resolver.set(agentName, SVCB, [svcb(port, 'a2a')]);
    await expectRefused('protocol_unsupported', client().invoke(agentName, { method: 'm' }));
  });

  it('refuses an endpoint where nobody listens', async () => {
    const { client, port } = await start();
    await endpoint?.close();
    const agent = client();
    const { signal } = await agent.invoke(agentName, { method: 'm' });
    expect(summary(signal)).toEqual({ status: 'refused', reason: 'connect_failed' });
    expect(signal.endpoint).toBe(`https://${agentTarget}:${port}`);
    await agent.close();
  });
});

describe('a call that makes no sense', () => {
  const circular: Record<string, JsonValue> = {};
  circular.self = circular;
  // What a program without types can hand in.
  const untyped = (args: unknown): JsonObject => Object(args);
  const nonsense: readonly (readonly [string, AgentCall])[] = [
    ['an empty method', { method: '' }],
    ['a method of spaces', { method: '  ' }],
    ['a path that is a URL', { method: 'm', path: 'http://evil.example/' }],
    ['an empty path', { method: 'm', path: '' }],
    ['circular arguments', { method: 'm', args: circular }],
    ['a BigInt', { method: 'm', args: untyped({ amount: 1n }) }],
    ['a list for arguments', { method: 'm', args: untyped([1]) }],
  ];

  it.each(nonsense)('with %s is invalid before anything is asked', async (_, call) => {
    const { client, resolver } = await start();
    const { ok, data, signal } = await client().invoke(agentName, call);
    expect({ ok, data, ...summary(signal) }).toEqual({
      ok: false,
      data: null,
      status: 'error',
      reason: 'call_invalid',
    });
    expect(signal.verdict.ok).toBe(false);
    expect(failedChecks(signal)).toEqual(['call:call_invalid']);
    expect(resolver.asked).toEqual([]);
    const twin = await client().invoke(agentName, { method: 'm', args: { amount: 1 }, path: '/' });
    expect(twin.ok).toBe(true);
  });
});

describe('freshness', () => {
  const clockAt = () => {
    let now = Date.now();
    return { clock: () => now, later: (seconds: number) => (now += seconds * 1000) };
  };

  it('refuses a record that drifted, and one that is gone', async () => {
    const { client, resolver, port } = await start();
    const { clock, later } = clockAt();
    const agent = client({ clock, verifyFreshnessSeconds: 60 });
    const record = await only(agent.find(agentName));
    resolver.set(agentName, SVCB, [svcb(port, 'https').replace(agentTarget, 'evil.acme.example')]);
    expect((await agent.invoke(record, { method: 'm' })).ok).toBe(true);
    later(61);
    const drift = await agent.invoke(record, { method: 'm' });
    expect(summary(drift.signal)).toEqual({ status: 'refused', reason: 'stale_discovery_drift' });
    expect(failedChecks(drift.signal)).toEqual(['freshness:stale_discovery_drift']);
    resolver.set(agentName, SVCB, {});
    const gone = await agent.invoke(record, { method: 'm' });
    expect(summary(gone.signal)).toEqual({ status: 'refused', reason: 'stale_discovery_drift' });
    resolver.set(agentName, SVCB, [svcb(port, 'https')]);
    expect((await agent.invoke(record, { method: 'm' })).ok).toBe(true);
    expect(endpoint?.requests).toBe(2);
  });

  it('re-resolves past every cache, and uses what it found', async () => {
    const { client, resolver, port } = await start();
    const { clock, later } = clockAt();
    const record = await only(client({ clock }).find(agentName));
    later(61);
    resolver.set(agentName, SVCB, { status: 'insecure', rdata: [svcb(port, 'https')] });
    resolver.asked.length = 0;
    const { signal } = await client({ clock, verifyFreshnessSeconds: 60 }).invoke(record, { method: 'm' });
    expect(resolver.asked[0]).toMatchObject({ name: `${agentName}.`, type: SVCB, fresh: true });
    expect(signal.verdict.checks).toContainEqual(
      expect.objectContaining({ check: 'dnssec', outcome: 'warn' }),
    );
  });

  it('refuses when the re-resolution fails, and does not re-resolve when it is not asked to', async () => {
    const { client, resolver } = await start();
    const { clock, later } = clockAt();
    const record = await only(client({ clock }).find(agentName));
    later(1_000_000);
    resolver.set(agentName, SVCB, { silent: true });
    const { signal } = await client({ clock, verifyFreshnessSeconds: 60 }).invoke(record, { method: 'm' });
    expect(summary(signal)).toEqual({ status: 'refused', reason: 'freshness_failed' });
    expect((await client({ clock: Date.now }).invoke(record, { method: 'm' })).ok).toBe(true);
  });

  it('reads again what only the index told the protocol of', async () => {
    const { client, resolver, port } = await start();
    let now = Date.now();
    resolver.set('_index._agents.acme.example', TXT, ['"agents=weather:https"']);
    resolver.set(agentName, SVCB, [`1 ${agentTarget}. port=${port}`]);
    const agent = client({ verifyFreshnessSeconds: 60, clock: () => now });
    const record = await only(agent.discover('acme.example'));
    now += 61_000;
    expect((await agent.invoke(record, { method: 'm' })).ok).toBe(true);
    resolver.set(agentName, SVCB, [`1 other.acme.example. port=${port}`]);
    now += 61_000;
    const { signal } = await agent.invoke(record, { method: 'm' });
    expect(summary(signal)).toEqual({ status: 'refused', reason: 'stale_discovery_drift' });
  });

  it('takes no cached answer for a name that is called under a freshness rule', async () => {
    const { client, resolver } = await start();
    await client({ verifyFreshnessSeconds: 60 }).invoke(agentName, { method: 'm' });
    expect(resolver.asked[0]).toMatchObject({ type: SVCB, fresh: true });
    await client().invoke(agentName, { method: 'm' });
    expect(resolver.asked.findLast(({ type }) => type === SVCB)).toMatchObject({ fresh: false });
  });
});

describe('verify', () => {
  it('reports every check and sends no request', async () => {
    const { client } = await start();
    const verdict = await client().verify(agentName);
    expect(verdict).toMatchObject({ subject: agentName, ok: true });
    expect(verdict.checks.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['record', 'dnssec', 'tls', 'dane']),
    );
    expect(endpoint?.requests).toBe(0);
  });

  it('fails with the check of the refusal', async () => {
    const { client, present, resolver } = await start();
    present(impostor);
    const verdict = await client().verify(agentName);
    expect(verdict.ok).toBe(false);
    expect(verdict.checks).toContainEqual(
      expect.objectContaining({ check: 'dane', reason: 'dane_mismatch' }),
    );
    resolver.set(agentName, SVCB, {});
    expect(await client().verify(agentName)).toMatchObject({
      ok: false,
      checks: [{ check: 'record', outcome: 'fail', reason: 'record_not_found' }],
    });
  });

  it('fails when the time is over, and rejects when the caller aborts', async () => {
    const { client, resolver } = await start();
    resolver.set(agentName, SVCB, { hangs: true });
    expect(await client({ timeoutMs: 100 }).verify(agentName)).toMatchObject({
      ok: false,
      checks: [{ reason: 'timeout' }],
    });
    const reason = new Error('enough');
    await expect(client().verify(agentName, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('options', () => {
  it.each([
    { timeoutMs: 0 },
    { timeoutMs: Number.NaN },
    { maxResponseBytes: -1 },
    { verifyFreshnessSeconds: -1 },
  ])('refuses %j', async (options) => {
    const { client } = await start();
    expect(() => client(options)).toThrow(expect.objectContaining({ code: 'ERR_OPTIONS' }));
  });

  it.each([{ ca: ['no certificate'] }, { allowAddresses: ['localhost'] }])('refuse %j', async (options) => {
    const { client } = await start();
    expect(() => client(options)).toThrow(expect.objectContaining({ code: 'ERR_TLS_CONFIG' }));
  });
});

async function only(finding: Promise<{ agents: readonly AgentRecord[] }>): Promise<AgentRecord> {
  const [record] = (await finding).agents;
  if (record === undefined) throw new TypeError('no agent was found');
  return record;
}
