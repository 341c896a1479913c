// How an exchange was refused.

export interface Refusal {
  readonly code: unknown;
  readonly message: string;
  readonly tookMs: number;
}

/** The code and message of a rejection, and how long it took. */
export async function refusal(promise: Promise<unknown>): Promise<Refusal> {
  const startedAt = performance.now();
  try {
    await promise;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return { code, message: String(error), tookMs: performance.now() - startedAt };
  }
  throw new Error('it was not refused');
}
