// The record of one invocation of an agent.

import type { Verdict } from './check.js';

/** How an invocation ended. `refused` means that a gate stopped it before the call was made. */
export type SignalStatus = 'success' | 'error' | 'timeout' | 'refused';

/** The record of one invocation. */
export interface Signal {
  /** A random UUID. */
  readonly id: string;
  /** The W3C trace id sent with the call: 32 hexadecimal digits. */
  readonly traceId: string;
  /** The agent's fully qualified domain name, without the trailing dot. */
  readonly agent: string;
  /** Where the agent answers, for instance `https://chat.example.com:443`; empty when it was not found. */
  readonly endpoint: string;
  readonly protocol: string;
  readonly method: string;
  readonly status: SignalStatus;
  /** The stable reason code of a status that is not `success`, for instance `dane_mismatch`. */
  readonly reason?: string;
  /** What happened, in one sentence. */
  readonly detail: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** Every gate's checks, in the order in which they were made. */
  readonly verdict: Verdict;
}
