// How many queries may be under way at one server: the others wait for their turn, in order.

import type { AttemptLimits } from './attempt.js';
import { waitFor } from './wait.js';

/** A bounded number of turns. */
export interface Slots {
  /** Waits for a turn, within the limits, and gives it back when the work is done. */
  run<T>(limits: AttemptLimits, work: () => Promise<T>): Promise<T>;
}

/** @param onTimeout makes the error of a wait for a turn that took too long */
export function createSlots(count: number, onTimeout: (timeoutMs: number) => Error): Slots {
  let free = count;
  const queue = new Set<() => void>();

  const turn = (limits: AttemptLimits): Promise<void> =>
    waitFor<void>({ ...limits, onTimeout: () => onTimeout(limits.timeoutMs) }, ({ resolve }) => {
      const take = (): void => {
        free -= 1;
        resolve();
      };
      queue.add(take);
      return () => queue.delete(take);
    });

  return {
    async run(limits, work) {
      if (free > 0) free -= 1;
      else await turn(limits);
      try {
        return await work();
      } finally {
        free += 1;
        const [next] = queue;
        next?.();
      }
    },
  };
}
