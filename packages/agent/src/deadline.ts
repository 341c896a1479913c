// The one time limit of one call, and the one signal that ends it: time over, the caller's abort, or a failure
// that was noticed beside the awaited path.

import { setMaxListeners } from 'node:events';
import { AgentError } from './error.js';

export interface Deadline {
  /** Aborts with an AgentError as its reason. */
  readonly signal: AbortSignal;
  /** Ends the call with this error. */
  fail(error: AgentError): void;
  /** The work's own outcome, or the signal's reason as soon as it aborts. */
  race<T>(work: Promise<T>): Promise<T>;
  /** To be called when the call is over: releases the timer and stops whatever of the call is still under way. */
  end(): void;
}

/** Starts the clock of a call. `timeoutMs` ends it with ERR_TIMEOUT, `outer` with ERR_ABORTED. */
export function startDeadline(timeoutMs: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  const { signal } = controller;
  // Each look-up and each connection of a call listens to it: more at once than the runtime takes for a leak, which it
  // would tell on standard error.
  setMaxListeners(0, signal);
  const onTimeout = () => controller.abort(new AgentError('ERR_TIMEOUT', `no answer within ${timeoutMs} ms`));
  const onAbort = () =>
    controller.abort(new AgentError('ERR_ABORTED', 'the caller aborted the call', { cause: outer?.reason }));
  const timer = setTimeout(onTimeout, timeoutMs);
  if (outer?.aborted) onAbort();
  else outer?.addEventListener('abort', onAbort, { once: true });

  return {
    signal,
    fail: (error) => controller.abort(error),
    race(work) {
      return new Promise((resolve, reject) => {
        const onEnd = () => reject(signal.reason);
        if (signal.aborted) onEnd();
        else signal.addEventListener('abort', onEnd, { once: true });
        // Both outcomes are attended to, so that work which loses the race may still reject unheard.
        work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onEnd));
      });
    },
    end() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onAbort);
      controller.abort(new AgentError('ERR_ABORTED', 'the call is over'));
    },
  };
}
