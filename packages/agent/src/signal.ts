// The record of one call, made when it is over: how it ended, why, and every check that was made on the way.

import { type Check, type Signal, toVerdict, type Verdict } from '@countersign/core';
import { quotePeer } from '@countersign/tls';
import { endpointText } from './endpoint.js';
import type { Failure } from './failure.js';
import type { HandlerOutcome } from './handlers/handler.js';
import type { AgentRecord } from './record.js';
import type { Trace } from './trace.js';

export interface CallRecord {
  readonly trace: Trace;
  /** The agent's name as the caller gave it. */
  readonly agent: string;
  /** The record in use; undefined when none was found. */
  readonly record?: AgentRecord;
  readonly method: string;
  /** The checks of the gates before the connection. */
  readonly checks: readonly Check[];
  /** The verdict on the connection that carried the call. */
  readonly connection?: Verdict;
  readonly outcome: HandlerOutcome | Failure;
  /** Milliseconds since the epoch. */
  readonly startedMs: number;
  readonly endedMs: number;
}

/** Makes the Signal. Its verdict is about the gates alone: an agent that answers with an error passed them. */
export function toSignal(call: CallRecord): Signal {
  const { trace, record, outcome, startedMs, endedMs } = call;
  const agent = record?.fqdn ?? quotePeer(call.agent, 253);
  const refused = 'verdict' in outcome ? outcome.verdict : undefined;
  const connection = refused ?? call.connection;
  return {
    id: trace.id,
    traceId: trace.traceId,
    agent,
    endpoint: record === undefined ? '' : endpointText(record),
    protocol: record?.protocol ?? '',
    method: call.method,
    status: 'status' in outcome ? outcome.status : outcome.ok ? 'success' : 'error',
    ...('reason' in outcome ? { reason: outcome.reason } : {}),
    detail: outcome.detail,
    startedAt: new Date(startedMs).toISOString(),
    durationMs: Math.max(0, endedMs - startedMs),
    verdict: toVerdict(agent, [...call.checks, ...(connection?.checks ?? [])], endedMs),
  };
}
