// Work done side by side, but never more than so much of it at once.

/** Runs a piece of work as soon as one of the places is free. */
export type Limiter = <T>(body: () => Promise<T>) => Promise<T>;

/** @param places how many pieces of work may run at once */
export function createLimiter(places: number): Limiter {
  const waiting: (() => void)[] = [];
  let free = places;
  return async (body) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await body();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
