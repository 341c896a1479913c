// One query over TCP, on a connection of its own: messages behind a two-octet length (RFC 7766 section 8).

import { connect } from 'node:net';
import { type AttemptLimits, garbled, silent, unreachable } from './attempt.js';
import { isReplyTo, isTruncated, type Query } from './query.js';
import type { ServerAddress } from './server.js';
import { waitFor } from './wait.js';

const lengthOctets = 2;
const headerOctets = 12;

/**
 * Asks one server once. The wait is for the whole reply, however slowly it drips in.
 *
 * @returns the reply's octets
 * @throws DnsError `ERR_DNS_TIMEOUT`, `ERR_DNS_UNREACHABLE`, `ERR_DNS_MALFORMED`; the signal's reason when it aborts
 */
export function askTcp(server: ServerAddress, query: Query, limits: AttemptLimits): Promise<Uint8Array> {
  const onTimeout = () => silent(server, 'TCP', limits.timeoutMs);
  return waitFor<Uint8Array>({ ...limits, onTimeout }, ({ resolve, reject }) => {
    const frame = new Frame();
    const socket = connect({ host: server.host, port: server.port, noDelay: true });
    socket.on('error', (error) => reject(unreachable(server, 'TCP', error)));
    socket.on('connect', () => {
      const prefixed = new Uint8Array(lengthOctets + query.octets.length);
      prefixed.set([query.octets.length >>> 8, query.octets.length & 0xff]);
      prefixed.set(query.octets, lengthOctets);
      socket.write(prefixed);
    });
    socket.on('data', (chunk: Buffer) => {
      const reply = frame.push(chunk);
      if (frame.length !== undefined && frame.length < headerOctets) {
        reject(garbled(server, 'TCP', `a message of ${frame.length} octets, less than a header`));
      } else if (reply === undefined) {
        return;
      } else if (!isReplyTo(query, reply)) {
        reject(garbled(server, 'TCP', 'a message that is no reply to the query'));
      } else if (isTruncated(reply)) {
        reject(garbled(server, 'TCP', 'a truncated reply, where none need be'));
      } else {
        resolve(reply);
      }
    });
    socket.on('close', () => {
      const seen = frame.received;
      if (seen > 0) reject(garbled(server, 'TCP', `closed after ${seen} octets, before the reply was whole`));
      else reject(unreachable(server, 'TCP', new Error('closed without a reply')));
    });
    return () => socket.destroy();
  });
}

/** Collects one length-prefixed message; what comes behind it is not looked at. */
class Frame {
  /** The message's length, once known. */
  length: number | undefined;
  /** All octets so far, the length's own included. */
  received = 0;
  #high = 0;
  #message = new Uint8Array(0);

  /** @returns the message when it is whole */
  push(chunk: Uint8Array): Uint8Array | undefined {
    let at = 0;
    while (this.length === undefined && at < chunk.length) {
      const octet = chunk[at] ?? 0;
      at += 1;
      if (this.received === 0) {
        this.#high = octet;
      } else {
        this.length = (this.#high << 8) | octet;
        this.#message = new Uint8Array(this.length);
      }
      this.received += 1;
    }
    if (this.length === undefined) return undefined;
    const filled = this.received - lengthOctets;
    const part = chunk.subarray(at, at + this.length - filled);
    this.#message.set(part, filled);
    this.received += part.length;
    return filled + part.length === this.length ? this.#message : undefined;
  }
}
