// One time limit and the caller's signal, as one signal, cleaned up in one place.

/** A running time limit. `end` must be called, whatever happened. */
export interface Deadline {
  /** Aborts when the time is up, when the caller aborts, and at `end`. */
  readonly signal: AbortSignal;
  /** True when it was the time that ran out. */
  readonly expired: boolean;
  /** Settles as `work` does, or rejects with the signal's reason first; `work` itself goes on unheard. */
  race<T>(work: Promise<T>): Promise<T>;
  end(): void;
}

/** @param timeoutMs milliseconds from now */
export function startDeadline(timeoutMs: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  const { signal } = controller;
  let expired = false;
  const timer = setTimeout(() => {
    expired = !signal.aborted;
    controller.abort(new DOMException(`not finished within ${timeoutMs} ms`, 'TimeoutError'));
  }, timeoutMs);
  const onOuter = (): void => controller.abort(outer?.reason);
  if (outer?.aborted) onOuter();
  else outer?.addEventListener('abort', onOuter, { once: true });
  return {
    signal,
    get expired() {
      return expired;
    },
    race: (work) =>
      new Promise((resolve, reject) => {
        const onAbort = (): void => reject(signal.reason);
        const settle = (then: () => void): void => {
          signal.removeEventListener('abort', onAbort);
          then();
        };
        if (signal.aborted) onAbort();
        else signal.addEventListener('abort', onAbort, { once: true });
        work.then(
          (value) => settle(() => resolve(value)),
          (error: unknown) => settle(() => reject(error)),
        );
      }),
    end: () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onOuter);
      controller.abort();
    },
  };
}
