// The base of every error that Countersign throws. The brand is a registered symbol, so that an error of
// another copy of the package is still recognised.

const brand = Symbol.for('countersign.error');

/**
 * The base of every package's error class.
 *
 * The message says what happened, why, and what to do; `cause` holds the error below.
 */
export class CountersignError extends Error {
  override readonly name: string = 'CountersignError';
  readonly [brand] = true;

  /** @param code a stable code, for instance `ERR_DANE_MISMATCH` */
  constructor(
    readonly code: `ERR_${string}`,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** The code as a Signal and a Check write it: `ERR_DANE_MISMATCH` is `dane_mismatch`. */
  get reason(): string {
    return this.code.slice('ERR_'.length).toLowerCase();
  }
}

/** True for an error of any copy of this package. */
export function isCountersignError(error: unknown): error is CountersignError {
  return error instanceof Error && brand in error;
}
