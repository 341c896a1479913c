// Real DNS servers on loopback that do whatever a test wants: one port for UDP and TCP.

import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { decodeMessage, encodeMessage, type Message } from '../../src/message.js';
import { DnsName } from '../../src/name.js';
import { parseRdata } from '../../src/rdata/presentation.js';
import { RrClass, RrType } from '../../src/rrtype.js';
import type { ServerAddress } from '../../src/transport/server.js';

export const question = { name: DnsName.parse('agent.example'), type: RrType.A, class: RrClass.IN };

/** What a server does with a query. Absent: nothing over UDP, no listener over TCP. */
export interface Behaviour {
  readonly udp?: (query: Uint8Array, send: (octets: Uint8Array) => void, from: RemoteInfo) => void;
  readonly tcp?: (query: Uint8Array, socket: Socket) => void;
  readonly host?: '127.0.0.1' | '::1';
}

export interface MisbehavingServer {
  readonly address: ServerAddress;
  /** Queries so far, in order. */
  readonly queries: {
    readonly protocol: 'udp' | 'tcp';
    readonly octets: Uint8Array;
    readonly port: number;
  }[];
  /** TCP connections that are still open. */
  readonly open: ReadonlySet<Socket>;
  close(): Promise<void>;
}

/** The reply to a query, changed as the test wants. */
export function replyTo(query: Uint8Array, change: Partial<Message> = {}): Uint8Array {
  const asked = decodeMessage(query);
  const answers = asked.questions.map(({ name }) => ({
    name,
    type: RrType.A,
    class: RrClass.IN,
    ttl: 60,
    rdata: parseRdata(RrType.A, '192.0.2.1'),
  }));
  return encodeMessage({ ...asked, flags: { ...asked.flags, qr: true }, answers, ...change });
}

/** The flags of a reply that was cut. */
export const truncated = { qr: true, aa: false, tc: true, rd: true, ra: false, ad: false, cd: true } as const;

/** A message behind its length, as TCP carries it. */
export function framed(octets: Uint8Array, length: number = octets.length): Uint8Array {
  return new Uint8Array([length >>> 8, length & 0xff, ...octets]);
}

export async function startServer(behaviour: Behaviour): Promise<MisbehavingServer> {
  const { host = '127.0.0.1' } = behaviour;
  const queries: { protocol: 'udp' | 'tcp'; octets: Uint8Array; port: number }[] = [];
  const open = new Set<Socket>();
  let closed = false;

  const tcp = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    let received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0);
        const octets = new Uint8Array(received.subarray(2, end));
        received = received.subarray(end);
        queries.push({ protocol: 'tcp', octets, port: socket.remotePort ?? 0 });
        behaviour.tcp?.(octets, socket);
      }
    });
  });
  const udp = createSocket(host === '::1' ? 'udp6' : 'udp4');
  udp.on('message', (datagram, from) => {
    const octets = new Uint8Array(datagram);
    queries.push({ protocol: 'udp', octets, port: from.port });
    // A reply that a behaviour kept back may come when the test is over.
    const send = (reply: Uint8Array): void => {
      if (!closed) udp.send(reply, from.port, from.address);
    };
    behaviour.udp?.(octets, send, from);
  });

  const port = await bindBoth(tcp, udp, host);
  if (behaviour.tcp === undefined) await new Promise<void>((resolve) => tcp.close(() => resolve()));
  return {
    address: { host, port },
    queries,
    open,
    close: async () => {
      closed = true;
      for (const socket of open) socket.destroy();
      await Promise.all([
        new Promise<void>((resolve) => tcp.close(() => resolve())),
        new Promise<void>((resolve) => udp.close(() => resolve())),
      ]);
    },
  };
}

// The port that is free for TCP may be somebody's source port over UDP: then another one is tried.
async function bindBoth(tcp: Server, udp: UdpSocket, host: string, tries = 5): Promise<number> {
  await new Promise<void>((resolve, reject) => tcp.once('error', reject).listen(0, host, resolve));
  const address = tcp.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  try {
    await new Promise<void>((resolve, reject) => {
      udp.once('error', reject);
      udp.bind(address.port, host, resolve);
    });
    return address.port;
  } catch (error) {
    if (tries <= 1) throw error;
    await new Promise<void>((resolve) => tcp.close(() => resolve()));
    return bindBoth(tcp, udp, host, tries - 1);
  }
}
