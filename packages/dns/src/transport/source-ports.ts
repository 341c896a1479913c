// Source ports, each for one query only (RFC 5452 section 9.2): an answer to one is of no use against another. The next
// ones are opened while a reply is on its way, and those that have served are closed then.

import type { RemoteInfo, Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { ServerAddress } from './server.js';

/** Ports opened ahead at most. */
const maxReady = 2;
/** Ports that have served and are still to be closed at most. */
const maxServed = 64;
/** Milliseconds without a query after which nothing stays open: a port that nobody can watch cannot be found. */
const restMs = 250;

/** Who is told what happens on a port. */
export interface PortUser {
  readonly onMessage: (datagram: Uint8Array, from: RemoteInfo) => void;
  readonly onError: (error: Error) => void;
}

/** A socket on a random port, connected: it takes datagrams from the server alone, and learns of it when its port is closed. */
class SourcePort {
  readonly #socket: Socket;
  #user: PortUser | undefined;
  #connected = false;
  #failure: Error | undefined;
  #closed = false;

  constructor(server: ServerAddress) {
    const isV6 = isIPv6(server.host);
    this.#socket = process.getBuiltinModule('node:dgram').createSocket({
      type: isV6 ? 'udp6' : 'udp4',
      // The host is an address, and so nothing is looked up: it is bound and connected at once.
      lookup: (host, _, callback) => callback(null, host, isV6 ? 6 : 4),
    });
    this.#socket.on('error', (error) => {
      this.#failure = error;
      this.#user?.onError(error);
    });
    this.#socket.on('message', (datagram, from) => {
      // Before the query it is a guess, afterwards nobody waits for it.
      if (this.#user === undefined) this.close();
      else this.#user.onMessage(datagram, from);
    });
    this.#socket.connect(server.port, server.host);
    this.#socket.once('connect', () => {
      this.#connected = true;
    });
  }

  /** False when something came in already, or when it could not be opened. */
  get isFresh(): boolean {
    return !this.#closed && this.#failure === undefined;
  }

  /** Sends the one query. Keeps the process alive from here on. */
  send(query: Uint8Array, user: PortUser): void {
    this.#user = user;
    if (this.#failure !== undefined) {
      user.onError(this.#failure);
      return;
    }
    this.#socket.ref();
    const onSent = (error: Error | null): void => {
      if (error) this.#user?.onError(error);
    };
    if (this.#connected || isConnected(this.#socket)) this.#socket.send(query, onSent);
    else this.#socket.once('connect', () => this.#user !== undefined && this.#socket.send(query, onSent));
  }

  /** Tells nobody anything any more, and lets the process end. */
  retire(): void {
    this.#user = undefined;
    if (!this.#closed) this.#socket.unref();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#user = undefined;
    this.#socket.close();
  }
}

/** The ports from which one server is asked. */
export interface SourcePorts {
  /** Sends a query from a port that was never used; the function returned gives the port up. */
  send(query: Uint8Array, user: PortUser): () => void;
  close(): void;
}

/** Opens nothing yet, and nothing ahead for a server that was asked only once. */
export function createSourcePorts(server: ServerAddress): SourcePorts {
  let ready: SourcePort[] = [];
  let served: SourcePort[] = [];
  let isPreparing = false;
  let rest: NodeJS.Timeout | undefined;
  let isBusy = false;
  let inUse = 0;
  let hasServed = false;
  let isClosed = false;

  const closeServed = (): void => {
    for (const port of served) port.close();
    served = [];
  };

  const closeAll = (): void => {
    closeServed();
    for (const port of ready) port.close();
    ready = [];
  };

  const prepare = (): void => {
    isPreparing = false;
    if (isClosed) return;
    closeServed();
    ready = ready.filter((port) => port.isFresh);
    // Only beside a query that waits anyhow, and not for a server that is asked once.
    while (inUse > 0 && hasServed && ready.length < maxReady) {
      const port = new SourcePort(server);
      port.retire();
      ready.push(port);
    }
  };

  // Behind what is under way, so that it costs the time in which nothing but a reply is waited for.
  const prepareSoon = (): void => {
    if (!isPreparing) setImmediate(prepare);
    isPreparing = true;
  };

  const onRest = (): void => {
    rest = undefined;
    if (isBusy) startRest();
    else closeAll();
  };

  const startRest = (): void => {
    isBusy = false;
    rest = setTimeout(onRest, restMs).unref();
  };

  const take = (): SourcePort => {
    for (let port = ready.pop(); port !== undefined; port = ready.pop()) {
      if (port.isFresh) return port;
      port.close();
    }
    return new SourcePort(server);
  };

  return {
    send(query, user) {
      const port = take();
      inUse += 1;
      port.send(query, user);
      prepareSoon();
      isBusy = true;
      if (rest === undefined) startRest();
      return () => {
        inUse -= 1;
        hasServed = true;
        port.retire();
        if (isClosed || served.length >= maxServed) port.close();
        else served.push(port);
        if (inUse === 0 && !isClosed) prepareSoon();
      };
    },
    close() {
      isClosed = true;
      clearTimeout(rest);
      closeAll();
    },
  };
}

function isConnected(socket: Socket): boolean {
  try {
    return socket.remoteAddress().port > 0;
  } catch {
    // It says so by an error; when it is connected later on, by an event.
    return false;
  }
}
