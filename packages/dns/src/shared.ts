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

function untilAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
