// What goes wrong about finding and calling an agent: one error class, and the refusal of a gate.

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
