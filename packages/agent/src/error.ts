// The error class of this package, and the one way in which a peer's text may enter a message.
// Text that a peer wrote is hostile to the terminal, the log and the model that read it.

import { type Check, CountersignError } from '@countersign/core';

/** The codes of this package's own errors; `reason` of each is what a Signal carries. */
export type AgentErrorCode =
  | 'ERR_ABORTED'
  | 'ERR_BODY_TOO_LARGE'
  | 'ERR_CALL_INVALID'
  | 'ERR_CLIENT_CLOSED'
  | 'ERR_CONNECTION_LOST'
  | 'ERR_OPTIONS'
  | 'ERR_PROTOCOL_ERROR'
  | 'ERR_REFUSED'
  | 'ERR_TIMEOUT';

/** What this package throws. */
export class AgentError extends CountersignError {
  override readonly name: string = 'AgentError';

  constructor(code: AgentErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** A gate said no: the check that it rests on carries the reason. */
export class GateRefusedError extends AgentError {
  override readonly name: string = 'GateRefusedError';

  constructor(readonly check: Check) {
    super('ERR_REFUSED', check.detail);
  }

  override get reason(): string {
    return this.check.reason ?? 'refused';
  }
}

/**
 * A peer's text made fit for a message: control, bidirectional and invisible characters removed, cut at
 * `maxLength` characters (default 200).
 */
export function quotePeer(text: string, maxLength = 200): string {
  const clean = text
    .slice(0, maxLength * 4)
    .replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return clean.length > maxLength ? `${clean.slice(0, maxLength).replace(/\p{Cs}$/u, '')}…` : clean;
}
