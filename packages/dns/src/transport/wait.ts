// Waiting for a socket with an end to it: by a deadline, by the caller's signal, and with everything released.

import type { Closing } from './closing.js';

/** How long, and who may end it early. */
export interface WaitLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Ends the wait with its reason. */
  readonly closing?: Closing | undefined;
  /** Makes the error of a wait that took too long. */
  readonly onTimeout: () => Error;
}

/** The two ways in which a wait ends by itself. */
export interface Settle<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Starts something and waits until it settles, the time is over (rejects with `onTimeout`'s error), or the
 * signal aborts or all is closed (rejects with the reason). Whatever comes first, the release that `start` returned is called exactly once.
 */
export function waitFor<T>(limits: WaitLimits, start: (settle: Settle<T>) => () => void): Promise<T> {
  const { signal, timeoutMs, onTimeout, closing } = limits;
  return new Promise<T>((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    if (closing?.reason !== undefined) {
      reject(closing.reason);
      return;
    }
    let settled = false;
    let release: (() => void) | undefined;
    const end = (finish: () => void): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      closing?.delete(onClose);
      release?.();
      finish();
    };
    const onAbort = (): void => end(() => reject(signal?.reason));
    const onClose = (): void => end(() => reject(closing?.reason));
    const timer = setTimeout(() => end(() => reject(onTimeout())), timeoutMs);
    signal?.addEventListener('abort', onAbort);
    closing?.add(onClose);
    try {
      release = start({
        resolve: (value) => end(() => resolve(value)),
        reject: (error) => end(() => reject(error)),
      });
      if (settled) release();
    } catch (error) {
      end(() => reject(error));
    }
  });
}
