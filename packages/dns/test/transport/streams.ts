// Servers over streams, TCP or TLS, that do with each query whatever a test wants, and count their connections.

import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { selfSigned } from '@countersign/lab';
import { createExchange, type ExchangeConfig } from '../../src/transport/exchange.js';
import { FrameReader, frame } from '../../src/transport/frame.js';
import type { DnsServer } from '../../src/transport/server.js';
import { replyTo } from './misbehaving.js';
import { pinOf } from './pin.js';

/** What a server does with a query; absent: it says nothing. */
export interface StreamBehaviour {
  readonly query?: (query: Uint8Array, connection: Connection) => void;
  readonly connected?: (socket: Socket) => void;
  /** Absent: TCP. */
  readonly tls?: TlsOptions;
}

export interface Connection {
  readonly socket: Socket;
  /** From 1, in the order in which they were opened. */
  readonly number: number;
  /** Queries of this connection so far. */
  readonly queries: readonly Uint8Array[];
  send(message: Uint8Array): void;
}

export interface StreamServer {
  readonly port: number;
  /** All connections ever. */
  readonly connections: readonly Connection[];
  readonly open: ReadonlySet<Socket>;
  close(): Promise<void>;
}

export async function startStreamServer(behaviour: StreamBehaviour): Promise<StreamServer> {
  const connections: Connection[] = [];
  const open = new Set<Socket>();
  const raw = new Set<Socket>();
  const accept = (socket: Socket): void => {
    const queries: Uint8Array[] = [];
    const send = (message: Uint8Array): void => {
      if (!socket.destroyed) socket.write(frame(message));
    };
    const connection: Connection = { socket, number: connections.length + 1, queries, send };
    connections.push(connection);
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    const reader = new FrameReader();
    socket.on('data', (chunk) => {
      for (const message of reader.push(chunk)) {
        queries.push(message);
        behaviour.query?.(message, connection);
      }
    });
    behaviour.connected?.(socket);
  };
  const server = behaviour.tls === undefined ? createServer(accept) : createTlsServer(behaviour.tls, accept);
  server.on('connection', (socket: Socket) => {
    raw.add(socket);
    socket.on('close', () => raw.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    connections,
    open,
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of raw) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Answers each query. */
export const answering: StreamBehaviour = { query: (query, { send }) => send(replyTo(query)) };

const credentials = selfSigned({ names: ['dns.test'] });

/** The two kinds of stream: how their server is started and named. */
export const kinds = {
  TCP: {
    tls: {},
    serverAt: (port: number): DnsServer => ({ protocol: 'tcp', host: '127.0.0.1', port }),
  },
  TLS: {
    tls: { tls: { key: credentials.key, cert: credentials.cert } },
    serverAt: (port: number): DnsServer => ({
      protocol: 'tls',
      host: '127.0.0.1',
      port,
      pins: [pinOf(credentials.certificate)],
    }),
  },
} as const;

/** Quick attempts, so that three rounds are over soon. */
export function quickExchange(servers: readonly DnsServer[], config: Partial<ExchangeConfig> = {}) {
  return createExchange({ servers, attemptTimeoutMs: 400, timeoutMs: 4000, backOffMs: 10, ...config });
}
