// Why a call did not succeed: the Signal's status and reason from whatever error came up, however wrapped.

import { isCountersignError, type SignalStatus, type Verdict } from '@countersign/core';
import { PeerRefusedError, quotePeer } from '@countersign/tls';
import { AgentError, GateRefusedError } from './error.js';

export interface Failure {
  readonly status: Exclude<SignalStatus, 'success'>;
  readonly reason: string;
  readonly detail: string;
  /** The refused connection's verdict. */
  readonly verdict?: Verdict;
}

/** Errors wrapped in one another that are looked through. */
const maxCauses = 8;

/**
 * Explains an error. `fetch` wraps a refused connection in a TypeError, so the refusal is looked for along the
 * causes. A peer that did not accept the connection in time is a `timeout`, every other refusal is `refused`.
 */
export function explainFailure(error: unknown): Failure {
  const chain = causes(error);
  const refusal = chain.find((each) => each instanceof PeerRefusedError);
  if (refusal !== undefined) {
    const { reason, verdict } = refusal;
    const status = reason === 'connect_timeout' ? 'timeout' : 'refused';
    return { status, reason, detail: quotePeer(refusal.message, 500), verdict };
  }
  const known = chain.find(isCountersignError);
  if (known instanceof GateRefusedError)
    return { status: 'refused', reason: known.reason, detail: known.message };
  if (known instanceof AgentError && known.code === 'ERR_TIMEOUT') {
    return { status: 'timeout', reason: known.reason, detail: known.message };
  }
  if (known !== undefined) {
    return { status: 'error', reason: known.reason, detail: quotePeer(known.message, 500) };
  }
  const [outermost, ...below] = chain;
  if (below.length > 0) {
    const said = quotePeer(below.map((each) => each.message).join(': '));
    return { status: 'error', reason: 'connection_lost', detail: `the connection failed: ${said}` };
  }
  return { status: 'error', reason: 'call_failed', detail: quotePeer(outermost?.message ?? String(error)) };
}

function causes(error: unknown): readonly Error[] {
  const chain: Error[] = [];
  let next = error;
  while (next instanceof Error && chain.length < maxCauses) {
    chain.push(next);
    next = next.cause;
  }
  return chain;
}
