// In which order servers are asked, and how long to wait before all of them are asked once more.

import type { RandomBytes } from '@countersign/core';
import { type WaitLimits, waitFor } from './wait.js';

/** The order of servers, by what became of the latest questions. Times are milliseconds of one steady clock. */
export interface Ranking<T> {
  /** Servers in the order given; those that failed lately last, the one that failed longest ago first of these. */
  order(now: number): readonly T[];
  failed(server: T, now: number): void;
  answered(server: T): void;
}

/**
 * Remembers one moment a server.
 *
 * @param memoryMs for how long a failure counts
 */
export function rankServers<T>(servers: readonly T[], memoryMs: number): Ranking<T> {
  const failedAt = new Map<T, number>();
  return {
    order(now) {
      if (failedAt.size === 0) return servers;
      for (const [server, at] of failedAt) if (now - at >= memoryMs) failedAt.delete(server);
      const since = (server: T): number => failedAt.get(server) ?? Number.NEGATIVE_INFINITY;
      // The sort is stable, and two that never failed compare as NaN: as equal.
      return [...servers].sort((a, b) => since(a) - since(b) || 0);
    },
    failed(server, now) {
      failedAt.set(server, now);
    },
    answered(server) {
      failedAt.delete(server);
    },
  };
}

/**
 * Milliseconds to wait before a round: doubled from round to round, a random half of it taken off, so that many
 * clients that failed at once do not come back at once.
 *
 * @param round 1 for the second round of all
 */
export function backOffBefore(round: number, baseMs: number, random: RandomBytes): number {
  const [octet = 0] = random(1);
  return baseMs * 2 ** (round - 1) * (1 - octet / 512);
}

/** Waits; rejects with the reason when the signal aborts or all is closed. */
export function pause(ms: number, enders: Pick<WaitLimits, 'signal' | 'closing'>): Promise<void> {
  return waitFor<void>(
    { ...enders, timeoutMs: 0x7fffffff, onTimeout: () => new Error('a wait without end') },
    ({ resolve }) => {
      const timer = setTimeout(resolve, ms);
      return () => clearTimeout(timer);
    },
  );
}
