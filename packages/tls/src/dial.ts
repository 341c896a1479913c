// A TCP connection to one of several vetted addresses: the first that answers, started a little apart so that a
// dead one does not cost the whole time. RFC 8305 section 5.

import { connect, type Socket } from 'node:net';
import type { VettedAddress } from './address.js';
import { TlsError } from './error.js';

/**
 * Opens a TCP connection to exactly this address. Rejects when it cannot; when `signal` aborts before it is open,
 * it lets go of the socket and rejects.
 */
export type Dial = (address: VettedAddress, port: number, signal: AbortSignal) => Promise<Socket>;

/** Milliseconds between two attempts: RFC 8305 section 8 recommends 250. */
const staggerMs = 250;

/** Dials with node:net. */
export const dialTcp: Dial = ({ address, family }, port, signal) =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connect({ host: address, port, family, noDelay: true, keepAlive: true });
    const settle = (then: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      socket.removeListener('connect', onConnect);
      socket.removeListener('error', onError);
      then();
    };
    const onConnect = (): void => settle(() => resolve(socket));
    const onError = (error: Error): void => settle(() => reject(error));
    const onAbort = (): void =>
      settle(() => {
        socket.on('error', () => undefined);
        socket.destroy();
        reject(signal.reason);
      });
    socket.once('connect', onConnect);
    socket.once('error', onError);
    signal.addEventListener('abort', onAbort, { once: true });
  });

/** An open connection and the address that it goes to. */
export interface Dialled {
  readonly socket: Socket;
  readonly address: VettedAddress;
}

/**
 * Dials the addresses in their order and keeps the first connection that opens; the others are let go.
 *
 * @throws TlsError `ERR_CONNECT_FAILED` when none opens; the signal's reason when it aborts first
 */
export function dialFirst(
  addresses: readonly VettedAddress[],
  port: number,
  dial: Dial,
  signal: AbortSignal,
): Promise<Dialled> {
  return new Promise((resolve, reject) => {
    // One controller an attempt: ending the losers must not touch the connection that won.
    const attempts = new Map<VettedAddress, AbortController>();
    const failures: string[] = [];
    let settled = false;
    let next = 0;
    let timer: NodeJS.Timeout | undefined;

    const settle = (then: () => void): void => {
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      for (const attempt of attempts.values()) attempt.abort();
      then();
    };
    const onAbort = (): void => settle(() => reject(signal.reason));
    const attempt = async (address: VettedAddress): Promise<void> => {
      const controller = new AbortController();
      attempts.set(address, controller);
      try {
        const socket = await dial(address, port, controller.signal);
        attempts.delete(address);
        if (settled) socket.destroy();
        else settle(() => resolve({ socket, address }));
      } catch (error) {
        attempts.delete(address);
        failures.push(`${address.address}: ${error instanceof Error ? error.message : String(error)}`);
        if (settled) return;
        if (next < addresses.length) start();
        else if (attempts.size === 0) {
          settle(() => reject(new TlsError('ERR_CONNECT_FAILED', failures.join('; '), { cause: error })));
        }
      }
    };
    const start = (): void => {
      clearTimeout(timer);
      const address = addresses[next];
      next += 1;
      if (address === undefined) return;
      if (next < addresses.length) timer = setTimeout(start, staggerMs);
      void attempt(address);
    };

    if (signal.aborted || addresses.length === 0) {
      reject(
        signal.aborted ? signal.reason : new TlsError('ERR_CONNECT_FAILED', 'there is no address to dial'),
      );
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    start();
  });
}
