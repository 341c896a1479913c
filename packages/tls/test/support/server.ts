// Loopback servers that remember what reached them.

import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type SecureVersion, type TLSSocket } from 'node:tls';
import type { Identity } from './certificates.js';

export interface TestServer {
  readonly port: number;
  /** Application octets that arrived, after decryption. */
  readonly received: () => string;
  /** Handshakes that were finished, and whether each resumed a session. */
  readonly resumed: readonly boolean[];
  /** Connections that are open now. */
  readonly open: () => number;
  close(): Promise<void>;
}

async function listen(
  server: Server,
  sockets: Set<Socket>,
): Promise<{ port: number; close(): Promise<void> }> {
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  return { port: address.port, close };
}

export interface TlsServerOptions {
  readonly maxVersion?: SecureVersion;
  /** The whole HTTP response to each request. */
  readonly reply?: (request: string) => string;
}

const hello = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello';

/** A TLS server that answers HTTP requests; `chain` is sent after the identity's certificate. */
export async function startTlsServer(
  identity: Identity,
  chain: readonly Identity[] = [],
  { maxVersion = 'TLSv1.3', reply = () => hello }: TlsServerOptions = {},
): Promise<TestServer> {
  let received = '';
  const resumed: boolean[] = [];
  const sockets = new Set<Socket>();
  const cert = [identity, ...chain].map((each) => each.cert).join('\n');
  const server = createTlsServer({ key: identity.key, cert, maxVersion, ALPNProtocols: ['http/1.1'] });
  server.on('tlsClientError', () => undefined);
  server.on('secureConnection', (socket: TLSSocket) => {
    resumed.push(socket.isSessionReused());
    socket.on('error', () => undefined);
    let request = '';
    socket.on('data', (data: Buffer) => {
      received += data.toString('latin1');
      request += data.toString('latin1');
      if (!request.includes('\r\n\r\n')) return;
      socket.write(reply(request));
      request = '';
    });
  });
  const listening = await listen(server, sockets);
  return { ...listening, received: () => received, resumed, open: () => sockets.size };
}

/** A TCP server that does as told with each connection. */
export async function startTcpServer(onConnection: (socket: Socket) => void): Promise<TestServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    // Read on, so that the client's end is noticed.
    socket.resume();
    onConnection(socket);
  });
  const listening = await listen(server, sockets);
  return { ...listening, received: () => '', resumed: [], open: () => sockets.size };
}
