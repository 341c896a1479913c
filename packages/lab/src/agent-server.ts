// A TLS endpoint on loopback that can change who stands behind it from one connection to the next: the same
// address and port, another key. This is how an impostor takes an agent's place without a gap.

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Credentials } from './authority.js';

const loopback = '127.0.0.1';
const maxConnections = 100;
const timeoutMs = 10_000;

/** Answers one HTTP request. A rejection is answered with status 500. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Who answers: a certificate with its key, and what it does with requests. */
export interface AgentIdentity {
  readonly credentials: Credentials;
  readonly handle: RequestHandler;
  /** Application requests that reached it. */
  readonly requests: number;
}

/** A running endpoint. */
export interface AgentServer {
  readonly port: number;
  /** Puts another identity in place and destroys the connections of the one before. */
  serve(identity: AgentIdentity): void;
  /** Stops listening and destroys open connections. May be called twice. */
  close(): Promise<void>;
}

/** Makes an identity that counts the requests it gets. */
export function createIdentity(credentials: Credentials, handle: RequestHandler): AgentIdentity {
  let requests = 0;
  return {
    credentials,
    async handle(request, response) {
      requests += 1;
      await handle(request, response);
    },
    get requests() {
      return requests;
    },
  };
}

/** Listens on a free port of 127.0.0.1, TLS 1.2 and 1.3. */
export async function startAgentServer(identity: AgentIdentity): Promise<AgentServer> {
  let current = identity;
  const sockets = new Set<Socket>();
  const server = createServer(
    {
      ...tlsOptions(identity),
      handshakeTimeout: timeoutMs,
      headersTimeout: timeoutMs,
      requestTimeout: timeoutMs,
    },
    (request, response) => {
      current.handle(request, response).catch(() => fail(response));
    },
  );
  server.maxConnections = maxConnections;
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A peer that refuses the certificate hangs up in the middle of the handshake: 'close' follows.
    socket.on('error', () => undefined);
  };
  server.on('connection', track);
  server.on('secureConnection', track);
  const destroyAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  server.listen(0, loopback);
  await once(server, 'listening');
  // A connection that the system could not take ends only that one.
  server.on('error', () => undefined);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('the endpoint has no port');

  let closing: Promise<void> | undefined;
  return {
    port: address.port,
    serve(next) {
      current = next;
      // The new context brings new session-ticket keys: no session of the one before can be resumed.
      server.setSecureContext(tlsOptions(next));
      destroyAll();
    },
    close() {
      closing ??= (async () => {
        const closed = once(server, 'close');
        server.close();
        destroyAll();
        await closed;
      })();
      return closing;
    },
  };
}

function tlsOptions(identity: AgentIdentity): { cert: string; key: string; minVersion: 'TLSv1.2' } {
  const { cert, key } = identity.credentials;
  return { cert, key, minVersion: 'TLSv1.2' };
}

function fail(response: ServerResponse): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(500).end();
}
