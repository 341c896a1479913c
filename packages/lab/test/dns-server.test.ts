import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { decodeMessage, encodeMessage, Rcode, RrType } from '@countersign/dns';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DnsServer, startDnsServer } from '../src/dns-server.js';
import { Zone } from '../src/zone.js';
import { askTcp, askUdp, framed, query } from './question.js';

const text = (length: number): Uint8Array => Uint8Array.from([length, ...Buffer.alloc(length, 'x')]);

let server: DnsServer;
const zone = new Zone('example');

beforeAll(async () => {
  zone.set('small.example', RrType.TXT, [text(10)]);
  zone.set(
    'large.example',
    RrType.TXT,
    Array.from({ length: 20 }, (_, index) => text(200 + index)),
  );
  server = await startDnsServer([zone]);
});

afterAll(() => server.close());

const small = query('small.example', RrType.TXT);
const large = query('large.example', RrType.TXT);

/** Any octets, and a good query with some of its octets changed. */
const hostile = fc.oneof(
  fc.uint8Array({ maxLength: 1400 }),
  fc.array(fc.tuple(fc.nat({ max: 60 }), fc.nat({ max: 255 })), { maxLength: 5 }).map((changes) => {
    const octets = Uint8Array.from(encodeMessage(small));
    for (const [index, octet] of changes) octets[index % octets.length] = octet;
    return octets;
  }),
);

async function isServing(): Promise<void> {
  expect((await askUdp(server.address, encodeMessage(small))).answers).toHaveLength(2);
  expect((await askTcp(server.address, small)).answers).toHaveLength(2);
}

describe('startDnsServer', () => {
  it('answers over UDP and TCP with the id that was asked', async () => {
    const asked = query('small.example', RrType.TXT, { id: 12_345 });
    expect((await askUdp(server.address, encodeMessage(asked))).id).toBe(12_345);
    expect((await askTcp(server.address, asked)).id).toBe(12_345);
  });

  it('sets TC over UDP when the answer is too large, and gives it whole over TCP', async () => {
    const truncated = await askUdp(server.address, encodeMessage(large));
    expect([truncated.flags.tc, truncated.answers.length]).toEqual([true, 0]);
    const whole = await askTcp(server.address, large);
    expect([whole.flags.tc, whole.answers.length]).toEqual([false, 21]);
  });

  it('keeps to 512 octets for a client without EDNS', async () => {
    zone.set('middle.example', RrType.TXT, [text(250), text(251), text(252)]);
    const plain = query('middle.example', RrType.TXT, { edns: false });
    expect((await askUdp(server.address, encodeMessage(plain))).flags.tc).toBe(true);
    const extended = query('middle.example', RrType.TXT, { dnssecOk: false });
    expect((await askUdp(server.address, encodeMessage(extended))).flags.tc).toBe(false);
  });

  it('answers several queries on one connection, in whatever pieces they come', async () => {
    const socket = connect(server.address.port, server.address.host);
    const octets = framed(encodeMessage(small));
    const two = Buffer.concat([octets, octets]);
    for (const octet of two) {
      socket.write(Uint8Array.of(octet));
      await new Promise((resolve) => setImmediate(resolve));
    }
    let received = Buffer.alloc(0);
    const expected = (await askTcp(server.address, small)).answers.length;
    const replies: number[] = [];
    while (replies.length < 2) {
      const [chunk] = await once(socket, 'data', { signal: AbortSignal.timeout(3000) });
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const length = received.readUInt16BE(0);
        replies.push(decodeMessage(received.subarray(2, 2 + length)).answers.length);
        received = received.subarray(2 + length);
      }
    }
    socket.destroy();
    expect(replies).toEqual([expected, expected]);
  });

  it('passes replies through the tampering rule until it is taken away', async () => {
    server.tamper((_question, reply) => ({ ...reply, answers: [] }));
    expect((await askUdp(server.address, encodeMessage(small))).answers).toHaveLength(0);
    server.tamper(() => {
      throw new Error('a rule with a mistake');
    });
    const failed = await askUdp(server.address, encodeMessage(small));
    expect(failed.rcode).toBe(Rcode.SERVFAIL);
    expect(Buffer.from(failed.edns?.options[0]?.data ?? []).toString()).toContain('a rule with a mistake');
    server.tamper();
    await isServing();
  });

  it('listens on loopback only', () => {
    expect(server.address.host).toBe('127.0.0.1');
  });
});

describe('hostile input', () => {
  it('that breaks off anywhere is FORMERR from the header on, and the next query is answered', async () => {
    const octets = encodeMessage(small);
    for (let length = 12; length < octets.length; length += 1) {
      const reply = await askUdp(server.address, octets.subarray(0, length));
      expect([reply.id, reply.rcode]).toEqual([small.id, Rcode.FORMERR]);
    }
    await isServing();
  });

  it('of any octets over UDP leaves it serving', async () => {
    const socket = createSocket('udp4');
    await fc.assert(
      fc.asyncProperty(hostile, async (octets) => {
        socket.send(octets, server.address.port, server.address.host);
        // Lets the server, which shares this thread, read: else its receive buffer overflows.
        await new Promise((resolve) => setImmediate(resolve));
      }),
      { numRuns: 500 },
    );
    socket.close();
    await isServing();
  });

  it('of any octets over TCP leaves it serving', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, fc.boolean(), async (octets, withLength) => {
        const socket = connect(server.address.port, server.address.host);
        socket.on('error', () => undefined);
        await once(socket, 'connect');
        socket.end(withLength ? framed(octets) : octets);
        socket.resume();
        await once(socket, 'close');
      }),
      { numRuns: 100 },
    );
    await isServing();
  });

  it('that is a reply gets no reply', async () => {
    const reply = encodeMessage({ ...small, flags: { ...small.flags, qr: true } });
    const socket = connect(server.address.port, server.address.host);
    socket.write(Buffer.concat([framed(reply), framed(encodeMessage(small))]));
    const [chunk] = await once(socket, 'data');
    socket.destroy();
    expect(chunk.length).toBe(2 + chunk.readUInt16BE(0));
    expect(decodeMessage(chunk.subarray(2)).answers).toHaveLength(2);
  });

  it('that announces more than a query needs ends the connection', async () => {
    const socket = connect(server.address.port, server.address.host);
    socket.on('error', () => undefined);
    socket.write(Uint8Array.of(0xff, 0xff));
    await once(socket, 'close');
    await isServing();
  });
});

describe('close', () => {
  it('destroys open connections and may be called twice', async () => {
    const other = await startDnsServer([zone]);
    const socket = connect(other.address.port, other.address.host);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    await other.close();
    await other.close();
    await closed;
  });
});
