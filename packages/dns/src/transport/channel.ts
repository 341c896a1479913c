// One server over connections that are used again: opened when first asked, and once more when the server has
// closed it under a query (RFC 7766 section 6.2.4).

import { createSharedWork } from '../shared.js';
import { type AttemptLimits, type Carrier, silent } from './attempt.js';
import type { Link, Opener, Outcome } from './link.js';
import type { QueryMaker } from './query.js';
import type { DnsServer } from './server.js';
import { waitFor } from './wait.js';

/** Asks one server. */
export interface Channel {
  /**
   * @returns the reply's octets
   * @throws DnsError `ERR_DNS_TIMEOUT`, `ERR_DNS_UNREACHABLE`, `ERR_DNS_UNAUTHENTICATED`, `ERR_DNS_MALFORMED`; the
   *   signal's reason when it aborts
   */
  ask(make: QueryMaker, limits: AttemptLimits): Promise<Uint8Array>;
  /** Ends its connection. */
  close(): void;
}

/** Makes a channel; nothing is opened yet. */
export function createChannel(server: DnsServer, carrier: Carrier, open: Opener): Channel {
  const opening = createSharedWork<Link>();
  let current: Link | undefined;
  let closed = false;

  const openCurrent = async (signal: AbortSignal): Promise<Link> => {
    const link = await open(signal);
    if (closed) link.close();
    current = link;
    return link;
  };

  const connected = async (limits: AttemptLimits): Promise<Link> => {
    if (current?.usable) return current;
    const onTimeout = () => silent(server, carrier, limits.timeoutMs);
    return waitFor<Link>({ ...limits, onTimeout }, ({ resolve, reject }) => {
      const waiting = new AbortController();
      opening.run('', waiting.signal, ({ signal }) => openCurrent(signal)).then(resolve, reject);
      return () => waiting.abort();
    });
  };

  return {
    async ask(make, { timeoutMs, ...enders }) {
      const deadline = performance.now() + timeoutMs;
      const attempt = async (): Promise<Outcome> => {
        const left = (): AttemptLimits => ({
          ...enders,
          timeoutMs: Math.max(1, deadline - performance.now()),
        });
        const link = await connected(left());
        return link.ask(make, left());
      };
      const first = await attempt();
      if ('reply' in first) return first.reply;
      const second = await attempt();
      if ('reply' in second) return second.reply;
      throw second.lost;
    },
    close() {
      closed = true;
      current?.close();
    },
  };
}
