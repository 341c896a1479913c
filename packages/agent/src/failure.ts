// Why a call did not succeed: the Signal's status and reason from whatever error came up, however wrapped.

import { isCountersignError, type SignalStatus, type Verdict } from '@countersign/core';
import { describeFailure, PeerRefusedError, quotePeer } from '@countersign/tls';
import { GateRefusedError } from './error.js';

export interface Failure {
  readonly status: Exclude<SignalStatus, 'success'>;
  readonly reason: string;
  readonly detail: string;
  /** The refused connection's verdict. */
  readonly verdict?: Verdict;
}

/** Errors wrapped in one another that are looked through. */
const maxCauses = 8;
/** The reasons that say that nobody answered in time. */
const timeouts: ReadonlySet<string> = new Set(['timeout', 'connect_timeout', 'dns_timeout']);

/**
 * Explains an error. `fetch` wraps a refused connection in a TypeError, so the refusal is looked for along the
 * causes. What was not answered in time, by a DNS server or by the peer, is a `timeout`; every other refusal of a gate
 * is `refused`.
 */
export function explainFailure(error: unknown): Failure {
  const chain = causes(error);
  const refusal = chain.find((each) => each instanceof PeerRefusedError);
  if (refusal !== undefined) {
    const { reason, verdict } = refusal;
    return { status: statusOf(reason, 'refused'), reason, detail: quotePeer(refusal.message, 500), verdict };
  }
  const known = chain.find(isCountersignError);
  if (known instanceof GateRefusedError) {
    return { status: statusOf(known.reason, 'refused'), reason: known.reason, detail: known.message };
  }
  if (known !== undefined) {
    const { reason, message } = known;
    return { status: statusOf(reason, 'error'), reason, detail: quotePeer(message, 500) };
  }
  const [outermost, ...below] = chain;
  if (below.length > 0) {
    const said = quotePeer(below.map(describeFailure).join(': '));
    return { status: 'error', reason: 'connection_lost', detail: `the connection failed: ${said}` };
  }
  return { status: 'error', reason: 'call_failed', detail: quotePeer(outermost?.message ?? String(error)) };
}

function statusOf(reason: string, otherwise: 'refused' | 'error'): Failure['status'] {
  return timeouts.has(reason) ? 'timeout' : otherwise;
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
