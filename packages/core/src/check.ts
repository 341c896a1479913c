// One named test of one thing, and what the checks on one subject add up to.

import type { JsonObject } from './json.js';

/** What one check found. `skip` means that it did not apply; the detail says why. */
export type Outcome = 'pass' | 'fail' | 'warn' | 'skip';

/** One named test of one thing. */
export interface Check {
  /** The check's stable name, for instance `dane` or `hostname`. */
  readonly check: string;
  readonly outcome: Outcome;
  /** What was seen and what was wanted, in one sentence. */
  readonly detail: string;
  /** The stable reason code of an outcome that is not `pass`, for instance `dane_mismatch`. */
  readonly reason?: string;
  /** What the outcome rests on, without secrets. */
  readonly evidence?: JsonObject;
}

/** The checks on one subject and what they add up to. */
export interface Verdict {
  /** What was judged, for instance `chat.example.com:443`. */
  readonly subject: string;
  /** True when no check failed. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
  /** When it was judged, ISO 8601. */
  readonly at: string;
}

/**
 * Adds checks up to a verdict: it holds when none of them failed.
 *
 * @param atMs when it was judged, milliseconds since the epoch
 */
export function toVerdict(subject: string, checks: readonly Check[], atMs: number): Verdict {
  return {
    subject,
    ok: checks.every((check) => check.outcome !== 'fail'),
    checks,
    at: new Date(atMs).toISOString(),
  };
}

/** The check that a refusal rests on: the first that failed. */
export function firstFailure(verdict: Verdict): Check | undefined {
  return verdict.checks.find((check) => check.outcome === 'fail');
}
