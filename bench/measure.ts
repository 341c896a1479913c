// What a measure is and what becomes of it: a ratio against a peer or a floor, held to a bar.

/** Whether a higher or a lower ratio is the better one. */
export type Better = 'higher' | 'lower';

/** What a measure promises, known before it has run. */
export interface Promised {
  readonly name: string;
  readonly better: Better;
  /** The worst ratio that is still good. */
  readonly bar: number;
}

/** One measure. A file `bench/AREA/NAME.bench.ts` exports `measures`, a list of them. */
export interface Measure extends Promised {
  /** @throws PeerMissing when there is nothing to measure against */
  measure(): Promise<Reading>;
}

/** What a measure found. */
export interface Reading {
  readonly ratio: number;
  /** The spread of the ratio over the rounds: interquartile range by median. */
  readonly noise: number;
  /** What was measured against what, with the times behind the ratio. */
  readonly detail: string;
}

/** One line of the report. Without a ratio nothing was measured, and `detail` says why. */
export interface Row extends Promised {
  readonly area: string;
  readonly ratio: number | null;
  readonly ok: boolean;
  readonly noise: number | null;
  readonly detail: string;
}

/** The row of a measure that ran. */
export function toRow(area: string, { name, better, bar }: Promised, reading: Reading): Row {
  const { ratio, noise, detail } = reading;
  const ok = better === 'higher' ? ratio >= bar : ratio <= bar;
  return { area, name, ratio, better, bar, ok, noise, detail };
}

/** The row of a measure that could not run: never a pass. */
export function unmeasured(area: string, { name, better, bar }: Promised, why: string): Row {
  return { area, name, ratio: null, better, bar, ok: false, noise: null, detail: why };
}

/** Thrown by a measure whose peer is not on this machine. */
export class PeerMissing extends Error {}

/**
 * Loads an npm package that is measured against. What is used of it is written down as a type where it is used, so that
 * the measures build where it is missing.
 *
 * @throws PeerMissing when it is not installed
 */
export async function loadPeer<T>(name: string): Promise<T> {
  try {
    return await import(name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') {
      throw new PeerMissing(`the npm package ${name} is not installed`);
    }
    throw error;
  }
}
