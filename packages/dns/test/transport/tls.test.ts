// Who is at the other end of a TLS connection: a name with a path to a trusted root, a pinned key, or nobody.

import { createServer } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { createAuthority, selfSigned } from '@countersign/lab';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeMessage } from '../../src/message.js';
import type { ServerIdentity } from '../../src/transport/server.js';
import { question, startServer } from './misbehaving.js';
import { pinOf } from './pin.js';
import { refusal } from './refusal.js';
import { answering, quickExchange, type StreamServer, startStreamServer } from './streams.js';

const day = 86_400_000;
const authority = createAuthority();
const issued = authority.issue({ names: ['dns.test'] });
const own = selfSigned({ names: ['dns.test'] });
const expired = authority.issue({
  names: ['dns.test'],
  notBefore: Date.now() - 2 * day,
  notAfter: Date.now() - day,
});
const wildcard = authority.issue({ names: ['*.dns.test'] });
const ca = [authority.certificate];

const closables: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(closables.splice(0).map((closable) => closable.close()));
});

async function ask(tls: TlsOptions, identity: ServerIdentity) {
  const server = await startStreamServer({ ...answering, tls });
  const exchange = quickExchange([{ protocol: 'tls', host: '127.0.0.1', port: server.port, ...identity }], {
    attemptTimeoutMs: 2000,
  });
  closables.push(exchange, server);
  return { server, reply: exchange(question) };
}

/** What a server heard before it was refused. */
const heard = ({ connections }: StreamServer) => connections.flatMap(({ queries }) => queries).length;

describe('a server over TLS', () => {
  it.each<[string, TlsOptions, ServerIdentity]>([
    ['its name and a path to a given root', issued, { name: 'dns.test', ca }],
    ['its name by a wildcard', wildcard, { name: 'a.dns.test', ca }],
    ['its pin alone, without a path', own, { pins: [pinOf(own.certificate)] }],
    ['its pin alone, out of its dates', expired, { pins: [pinOf(expired.certificate)] }],
    ['one of several pins', own, { pins: [pinOf(issued.certificate), pinOf(own.certificate)] }],
    ['its name and its pin', issued, { name: 'dns.test', ca, pins: [pinOf(issued.certificate)] }],
    ['TLS 1.2 as the least', { ...own, maxVersion: 'TLSv1.2' }, { pins: [pinOf(own.certificate)] }],
  ])('is asked when it proves %s', async (_, tls, identity) => {
    const { server, reply } = await ask(tls, identity);
    expect((await reply).answers).toHaveLength(1);
    expect(heard(server)).toBe(1);
  });

  it.each<[string, TlsOptions, ServerIdentity]>([
    ['another name', issued, { name: 'other.test', ca }],
    ['a wildcard for one label where two stand', wildcard, { name: 'a.b.dns.test', ca }],
    ['no path to a trusted root', own, { name: 'dns.test' }],
    ['a root that nobody gave', issued, { name: 'dns.test' }],
    ['dates that are over', expired, { name: 'dns.test', ca }],
    ['another key', own, { pins: [pinOf(issued.certificate)] }],
    ['its name but another key', issued, { name: 'dns.test', ca, pins: [pinOf(own.certificate)] }],
    ['its key but another name', issued, { name: 'other.test', ca, pins: [pinOf(issued.certificate)] }],
    ['its key and name without a path', own, { name: 'dns.test', pins: [pinOf(own.certificate)] }],
    ['the pinned key only as its issuer', issued, { pins: [pinOf(own.certificate)] }],
    ['no IP address, which stands for a name', issued, { ca }],
  ])('hears nothing when it shows %s', async (_, tls, identity) => {
    const { server, reply } = await ask(tls, identity);
    const { code, message } = await refusal(reply);
    expect(code).toBe('ERR_DNS_UNAUTHENTICATED');
    expect(message).toContain(`tls://127.0.0.1:${server.port}`);
    expect(heard(server)).toBe(0);
  });

  it('hears nothing below TLS 1.2', async () => {
    const old: TlsOptions = {
      ...own,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'ALL:@SECLEVEL=0',
    };
    const { server, reply } = await ask(old, { pins: [pinOf(own.certificate)] });
    expect((await refusal(reply)).code).toBe('ERR_DNS_UNREACHABLE');
    expect(heard(server)).toBe(0);
  });

  it('is not proven by what the environment says', async () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      const { reply } = await ask(own, { name: 'dns.test' });
      expect((await refusal(reply)).code).toBe('ERR_DNS_UNAUTHENTICATED');
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
  });

  it('gets the name that it is asked by, and no IP address in its place', async () => {
    const names: (string | boolean)[] = [];
    const SNICallback: TlsOptions['SNICallback'] = (name, done) => {
      names.push(name);
      done(null);
    };
    await (await ask({ ...issued, SNICallback }, { name: 'dns.test', ca })).reply;
    await (await ask({ ...own, SNICallback }, { pins: [pinOf(own.certificate)] })).reply;
    expect(names).toEqual(['dns.test']);
  });

  it('gets queries of equal length for names of different lengths', async () => {
    const { server, reply } = await ask(own, { pins: [pinOf(own.certificate)] });
    await reply;
    const query = server.connections[0]?.queries[0] ?? new Uint8Array();
    expect(query).toHaveLength(128);
    const padding = decodeMessage(query).edns?.options ?? [];
    expect(padding.map(({ code }) => code)).toEqual([12]);
    expect(padding[0]?.data.every((octet) => octet === 0)).toBe(true);
  });

  it('is never asked in clear text', async () => {
    // The same port answers over UDP and TCP, and would over either.
    const clear = await startServer({ udp: () => undefined, tcp: (_, socket) => socket.end() });
    closables.push(clear);
    const exchange = quickExchange([{ protocol: 'tls', ...clear.address, pins: [pinOf(own.certificate)] }]);
    closables.push(exchange);
    expect((await refusal(exchange(question))).code).toMatch(/^ERR_DNS_(UNREACHABLE|TIMEOUT)$/);
    expect(clear.queries.filter(({ octets }) => Buffer.from(octets).includes('agent'))).toEqual([]);
  });

  it('is given up when it does not finish its handshake', async () => {
    const mute = createServer((socket) => socket.resume().on('error', () => undefined));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const address = mute.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const exchange = quickExchange(
      [{ protocol: 'tls', host: '127.0.0.1', port: address.port, name: 'dns.test' }],
      { attemptTimeoutMs: 150, rounds: 2 },
    );
    expect((await refusal(exchange(question))).code).toBe('ERR_DNS_TIMEOUT');
    await expect
      .poll(() => new Promise((resolve) => mute.getConnections((_, count) => resolve(count))))
      .toBe(0);
    mute.close();
  });

  it('that fails leaves the answer to another that proves itself', async () => {
    const impostor = await startStreamServer({ ...answering, tls: own });
    const good = await startStreamServer({ ...answering, tls: issued });
    const pins = [pinOf(issued.certificate)];
    const exchange = quickExchange(
      [impostor, good].map(({ port }) => ({ protocol: 'tls', host: '127.0.0.1', port, pins })),
    );
    closables.push(exchange, impostor, good);
    expect((await exchange(question)).answers).toHaveLength(1);
    expect(heard(impostor)).toBe(0);
  });
});
