// Servers on loopback that misbehave: name servers that are silent, lie or garble, and TLS and HTTPS servers that
// hang, break off or never end.

import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Certificate } from './endpoint.js';
import { onFreePort } from './port.js';

export interface HostileServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** What a name server does with a query: sends what it likes, to where it came from, or nothing. */
export type DatagramBehaviour = (query: Buffer, send: (reply: Uint8Array) => void, from: RemoteInfo) => void;

/** What a server does with a connection. */
export type StreamBehaviour = (socket: Socket) => void;

/** Starts a name server of this behaviour over UDP and, when given, another over TCP on the same port. */
export function startHostileDns(onQuery: DatagramBehaviour, onConnection?: StreamBehaviour) {
  return onFreePort<HostileServer>(async (port) => {
    const udp = createSocket('udp4');
    udp.on('message', (query, from) => {
      onQuery(query, (reply) => udp.send(reply, from.port, from.address), from);
    });
    udp.bind(port, '127.0.0.1');
    await once(udp, 'listening');
    const tcp = onConnection === undefined ? undefined : await listen(createServer(), onConnection, port);
    const stop = async () => {
      await closeUdp(udp);
      await tcp?.stop();
    };
    return { port, stop };
  });
}

/** Starts a TCP server that should speak TLS and does this instead. */
export function startHostileTls(onConnection: StreamBehaviour): Promise<HostileServer> {
  return listen(createServer(), onConnection, 0);
}

/** A TLS server that is right until the request is in; its certificate comes when it has been made. */
export interface HostileHttps extends HostileServer {
  useCertificate(certificate: Certificate): Promise<void>;
}

/** Starts an HTTPS server that does this with the connection once a request has begun to arrive. */
export async function startHostileHttps(onRequest: StreamBehaviour): Promise<HostileHttps> {
  const server = createTlsServer();
  const onConnection = (socket: Socket) => {
    socket.once('data', () => onRequest(socket));
  };
  const started = await listen(server, onConnection, 0, 'secureConnection');
  const useCertificate = async ({ path, keyPath }: Certificate) => {
    server.setSecureContext({ cert: await readFile(path), key: await readFile(keyPath) });
  };
  return { ...started, useCertificate };
}

async function listen(
  server: Server,
  onConnection: StreamBehaviour,
  port: number,
  event: 'connection' | 'secureConnection' = 'connection',
): Promise<HostileServer> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  server.on(event, (socket: Socket) => {
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server without a port');
  const stop = async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { port: address.port, stop };
}

function closeUdp(socket: UdpSocket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}

/** The parts of a reply to a query that a test may bend; counts default to those of the question alone. */
export interface ReplyParts {
  readonly id?: number;
  readonly truncated?: boolean;
  readonly answerCount?: number;
  /** What follows the question. */
  readonly rest?: Uint8Array;
}

/** A reply with the query's own identifier and question, as far as the parts do not say otherwise. */
export function replyTo(query: Buffer, parts: ReplyParts = {}): Buffer {
  let end = 12;
  for (let length = query[end] ?? 0; length !== 0; length = query[end] ?? 0) end += length + 1;
  const head = Buffer.from(query.subarray(0, end + 5));
  head.writeUInt16BE(parts.id ?? query.readUInt16BE(0), 0);
  // QR and RA, TC where asked for; NOERROR.
  head.writeUInt16BE(0x8180 | (parts.truncated ? 0x0200 : 0), 2);
  for (const [at, count] of [1, parts.answerCount ?? 0, 0, 0].entries())
    head.writeUInt16BE(count, 4 + 2 * at);
  return Buffer.concat([head, parts.rest ?? new Uint8Array()]);
}
