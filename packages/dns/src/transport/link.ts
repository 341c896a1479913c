// A connection that queries share: what the transports over streams have in common, and when one is let go.

import type { DnsError } from '../error.js';
import type { AttemptLimits } from './attempt.js';
import type { QueryMaker } from './query.js';

/** What became of a query on a connection: `lost` when the connection ended before the reply was whole. */
export type Outcome = { readonly reply: Uint8Array } | { readonly lost: DnsError };

/** An open connection to one server. */
export interface Link {
  /** False once it takes no more queries. */
  readonly usable: boolean;
  /**
   * Sends a query and waits for its reply.
   *
   * @throws DnsError `ERR_DNS_TIMEOUT`, `ERR_DNS_MALFORMED`; the signal's reason when it aborts
   */
  ask(make: QueryMaker, limits: AttemptLimits): Promise<Outcome>;
  /** Ends it at once: queries under way are lost. */
  close(): void;
}

/**
 * Opens a connection and has the server prove itself; when the signal aborts, nothing stays open.
 *
 * @throws DnsError `ERR_DNS_UNREACHABLE`, `ERR_DNS_UNAUTHENTICATED`; the signal's reason when it aborts
 */
export type Opener = (signal: AbortSignal) => Promise<Link>;

/** What an idle connection is told. */
export interface Idler {
  /** Keeps the process alive while somebody waits, and lets it end while nobody does. */
  readonly hold: () => void;
  readonly release: () => void;
  /** Called when nobody has asked for so long. */
  readonly onIdle: () => void;
}

/** Counts who waits on a connection; RFC 7766 section 6.2.3: an idle one is closed by the client. */
export class Occupancy {
  waiting = 0;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(
    readonly idleTimeoutMs: number,
    readonly idler: Idler,
  ) {
    this.#rest();
  }

  enter(): void {
    clearTimeout(this.#timer);
    if (this.waiting === 0 && !this.#ended) this.idler.hold();
    this.waiting += 1;
  }

  leave(): void {
    this.waiting -= 1;
    if (this.waiting === 0 && !this.#ended) this.#rest();
  }

  /** The connection has ended: nothing is left to be closed. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #rest(): void {
    this.idler.release();
    this.#timer = setTimeout(this.idler.onIdle, this.idleTimeoutMs).unref();
  }
}
