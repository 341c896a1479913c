// Queries over one stream, over TCP or TLS: any number under way at once, replies in whatever order, matched by id
// and question (RFC 7766 sections 6.2.1 and 7).

import type { Socket } from 'node:net';
import type { DnsError } from '../error.js';
import { type Carrier, garbled, silent, unreachable } from './attempt.js';
import { FrameReader, frame } from './frame.js';
import { type Link, Occupancy, type Outcome } from './link.js';
import { isReplyTo, isTruncated, type Query } from './query.js';
import type { DnsServer } from './server.js';
import { type Settle, waitFor } from './wait.js';

const headerOctets = 12;

export interface PipelineOptions {
  readonly server: DnsServer;
  readonly carrier: Carrier;
  readonly idleTimeoutMs: number;
  /** Queries that nobody waits for any more and that may still be answered; with more the stream is given up. */
  readonly maxAbandoned: number;
  /** A random id from 0 to 65535. */
  readonly newId: () => number;
}

interface Pending {
  readonly query: Query;
  /** Absent when nobody waits for the reply any more: its id is not used again all the same. */
  settle: Settle<Outcome> | undefined;
}

/** Shares an open stream, on which nothing was sent or read so far, between queries. */
export function createPipeline(socket: Socket, options: PipelineOptions): Link {
  const { server, carrier, newId } = options;
  const pending = new Map<number, Pending>();
  const reader = new FrameReader();
  let usable = true;
  let abandoned = 0;
  let lastReplyAt = 0;
  let failure: Error | undefined;
  let ended: DnsError | undefined;

  const occupancy = new Occupancy(options.idleTimeoutMs, {
    hold: () => socket.ref(),
    release: () => socket.unref(),
    onIdle: () => {
      usable = false;
      socket.destroySoon();
    },
  });

  /** Takes no more queries, and ends once those under way are answered. */
  const retire = (): void => {
    usable = false;
    if (occupancy.waiting === 0) socket.destroy();
  };

  /** Ends the stream for all who wait on it. */
  const fail = (error: DnsError): void => {
    if (ended !== undefined) return;
    ended = error;
    usable = false;
    occupancy.end();
    socket.destroy();
    const outstanding = [...pending.values()];
    pending.clear();
    for (const { settle } of outstanding) settle?.resolve({ lost: error });
  };

  const take = (message: Uint8Array): void => {
    if (message.length < headerOctets) {
      fail(garbled(server, carrier, `a message of ${message.length} octets, less than a header`));
      return;
    }
    const id = ((message[0] ?? 0) << 8) | (message[1] ?? 0);
    const asked = pending.get(id);
    // A stream cannot be guessed into from aside: what is no reply means that the two ends have lost each other.
    if (asked === undefined || !isReplyTo(asked.query, message)) {
      fail(garbled(server, carrier, 'a message that is no reply to a query'));
      return;
    }
    pending.delete(id);
    lastReplyAt = performance.now();
    if (asked.settle === undefined) abandoned -= 1;
    else if (isTruncated(message))
      asked.settle.reject(garbled(server, carrier, 'a truncated reply, where none need be'));
    else asked.settle.resolve({ reply: message });
  };

  socket.on('data', (chunk: Buffer) => {
    for (const message of reader.push(chunk)) {
      take(message);
      if (socket.destroyed) return;
    }
  });
  socket.on('end', () => {
    usable = false;
  });
  socket.on('error', (error) => {
    failure = error;
  });
  socket.on('close', () => {
    const seen = reader.pending;
    fail(
      seen > 0
        ? garbled(server, carrier, `closed after ${seen} octets, before the reply was whole`)
        : unreachable(server, carrier, failure ?? new Error('closed without a reply')),
    );
  });

  const freeId = (): number => {
    let id = newId();
    while (pending.has(id)) id = (id + 1) & 0xffff;
    return id;
  };

  return {
    get usable() {
      return usable && !socket.destroyed;
    },
    ask(make, limits) {
      const sentAt = performance.now();
      const onTimeout = (): DnsError => {
        // Nothing at all came back meanwhile: the path or the server behind it is gone, and nobody says so.
        if (lastReplyAt < sentAt) retire();
        return silent(server, carrier, limits.timeoutMs);
      };
      return waitFor<Outcome>({ ...limits, onTimeout }, (settle) => {
        if (ended !== undefined) {
          settle.resolve({ lost: ended });
          return () => undefined;
        }
        const id = freeId();
        const asked: Pending = { query: make(id), settle };
        pending.set(id, asked);
        occupancy.enter();
        socket.write(frame(asked.query.octets));
        return () => {
          if (pending.get(id) === asked) {
            asked.settle = undefined;
            abandoned += 1;
          }
          occupancy.leave();
          if (!usable || abandoned > options.maxAbandoned) retire();
        };
      });
    },
    close() {
      fail(unreachable(server, carrier, new Error('the exchange was closed')));
    },
  };
}
