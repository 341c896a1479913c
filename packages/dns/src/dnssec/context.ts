// What one lookup carries from step to step: the time it is made at, its budget, and a way to ask that joins
// identical questions.

import type { Message } from '../message.js';
import type { DnsName } from '../name.js';
import { RrClass } from '../rrtype.js';
import type { Exchange } from '../transport/exchange.js';
import type { TrustAnchor } from './anchors.js';
import type { ChainCache } from './chain-cache.js';
import { type Budget, createBudget, type DnssecLimits } from './limits.js';

export interface LookupContext {
  /** Seconds since the epoch; one moment for the whole lookup. */
  readonly now: number;
  readonly skew: number;
  readonly acceptSha1: boolean;
  readonly budget: Budget;
  readonly anchors: readonly TrustAnchor[];
  readonly negativeAnchors: readonly DnsName[];
  readonly chainCache: ChainCache;
  query(name: DnsName, type: number): Promise<Message>;
  /** Asks what a later step will need; a failure shows only when that step asks itself. */
  queryAhead(name: DnsName, type: number): void;
  /** Whether something that was asked ahead has not been answered yet. */
  readonly isAskingAhead: boolean;
}

export interface ContextOptions {
  readonly exchange: Exchange;
  readonly anchors: readonly TrustAnchor[];
  readonly negativeAnchors: readonly DnsName[];
  readonly limits: DnssecLimits;
  readonly now: number;
  readonly skew: number;
  readonly acceptSha1: boolean;
  readonly chainCache: ChainCache;
  /** Aborts the queries of this lookup. Its signal is made only when a transport looks at it. */
  readonly controller: AbortController;
}

export function createLookupContext(options: ContextOptions): LookupContext {
  const { exchange, limits, controller, now, skew, acceptSha1, anchors, negativeAnchors, chainCache } =
    options;
  const budget = createBudget(limits);
  const asking = {
    get signal() {
      return controller.signal;
    },
  };
  let askingAhead = 0;
  const asked = new Map<string, Promise<Message>>();
  const query = async (name: DnsName, type: number): Promise<Message> => {
    const key = `${type} ${name.key}`;
    const known = asked.get(key);
    if (known !== undefined) return known;
    budget.spendQuery();
    const reply = exchange({ name, type, class: RrClass.IN }, asking);
    asked.set(key, reply);
    return reply;
  };
  return {
    now,
    skew,
    acceptSha1,
    anchors,
    negativeAnchors,
    chainCache,
    budget,
    query,
    queryAhead(name, type) {
      askingAhead += 1;
      const onEnd = (): void => {
        askingAhead -= 1;
      };
      query(name, type).then(onEnd, onEnd);
    },
    get isAskingAhead() {
      return askingAhead > 0;
    },
  };
}
