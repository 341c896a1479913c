// Work that several callers wait for: begun once, ended early only when none of them waits any more.

/** Runs at most one piece of work a key; whoever asks meanwhile waits for the same. */
export interface SharedWork<T> {
  /** @param work is given the controller that ends it when nobody waits any more; it may end itself by it */
  run(
    key: string,
    signal: AbortSignal | undefined,
    work: (controller: AbortController) => Promise<T>,
  ): Promise<T>;
}

interface Running<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}

export function createSharedWork<T>(): SharedWork<T> {
  const running = new Map<string, Running<T>>();
  // One listener a signal, however many wait for it: a caller may share one among all that it asks for.
  const leaving = new WeakMap<AbortSignal, Set<() => void>>();

  function leaversOf(signal: AbortSignal): Set<() => void> {
    const known = leaving.get(signal);
    if (known !== undefined) return known;
    const leavers = new Set<() => void>();
    leaving.set(signal, leavers);
    const onAbort = (): void => {
      for (const leave of leavers) leave();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    return leavers;
  }

  function untilAborted(result: Promise<T>, signal: AbortSignal): Promise<T> {
    const leavers = leaversOf(signal);
    return new Promise((resolve, reject) => {
      const leave = (): void => reject(signal.reason);
      leavers.add(leave);
      result.then(resolve, reject).finally(() => leavers.delete(leave));
    });
  }

  function begin(key: string, work: (controller: AbortController) => Promise<T>): Running<T> {
    const controller = new AbortController();
    const finish = async (): Promise<T> => {
      try {
        return await work(controller);
      } finally {
        if (running.get(key)?.controller === controller) running.delete(key);
      }
    };
    const one: Running<T> = { result: finish(), controller, waiting: 0 };
    running.set(key, one);
    return one;
  }

  return {
    async run(key, signal, work) {
      signal?.throwIfAborted();
      const one = running.get(key) ?? begin(key, work);
      one.waiting += 1;
      try {
        return signal === undefined ? await one.result : await untilAborted(one.result, signal);
      } finally {
        one.waiting -= 1;
        if (one.waiting === 0 && running.get(key) === one) {
          running.delete(key);
          one.controller.abort();
        }
      }
    },
  };
}
