// The gates before the connection: is there a record, is it fresh, is it authenticated as required?
// Each leaves its check; the first that fails refuses the call.

import type { Check, Clock } from '@countersign/core';
import type { Discovery } from './discovery.js';
import { endpointProblem } from './endpoint.js';
import { GateRefusedError } from './error.js';
import type { DiscoveryFlags } from './flags.js';
import { checkFreshness } from './freshness.js';
import type { AgentProtocol } from './protocol.js';
import type { AgentRecord } from './record.js';

export interface GateContext {
  readonly flags: DiscoveryFlags;
  readonly clock: Clock;
  readonly find: (
    fqdn: string,
    options: { readonly protocol?: AgentProtocol; readonly fresh: boolean },
  ) => Promise<Discovery>;
}

/** What the gates have found so far; it stays readable when one of them refuses. */
export interface GateProgress {
  readonly checks: Check[];
  record?: AgentRecord;
}

/**
 * Runs the gates in order: record, freshness, dnssec.
 *
 * @returns the record to use: the fresh one where it was re-resolved
 * @throws GateRefusedError with the check that failed, the last of `progress.checks`
 */
export async function passGates(
  agent: AgentRecord | string,
  context: GateContext,
  progress: GateProgress,
): Promise<AgentRecord> {
  const pass = (check: Check): void => {
    progress.checks.push(check);
    if (check.outcome === 'fail') throw new GateRefusedError(check);
  };
  const found = await takeRecord(agent, context);
  if (found.record !== undefined) progress.record = found.record;
  pass(found.check);
  if (found.record === undefined) throw new GateRefusedError(found.check);

  const { verifyFreshnessSeconds, requireDnssec } = context.flags;
  const { check, record } = await checkFreshness({
    record: found.record,
    seconds: verifyFreshnessSeconds,
    nowMs: context.clock(),
    rediscover: () => context.find(found.record.fqdn, { protocol: found.record.protocol, fresh: true }),
  });
  progress.record = record;
  pass(check);
  pass(checkDnssec(record, requireDnssec));
  return record;
}

type Taken =
  | { readonly check: Check; readonly record: AgentRecord }
  | { readonly check: Check; readonly record?: undefined };

async function takeRecord(agent: AgentRecord | string, context: GateContext): Promise<Taken> {
  if (typeof agent !== 'string') {
    const wrong = endpointProblem(agent.target, agent.port);
    if (wrong === undefined) return { record: agent, check: recordCheck(agent) };
    return { check: { check: 'record', outcome: 'fail', reason: 'record_malformed', detail: wrong } };
  }
  const found = await context.find(agent, { fresh: context.flags.verifyFreshnessSeconds > 0 });
  const [record] = found.agents;
  if (record !== undefined) return { record, check: recordCheck(record) };
  const [problem] = found.errors;
  const reason = problem?.reason ?? 'record_not_found';
  return {
    check: {
      check: reason.startsWith('dnssec_') ? 'dnssec' : 'record',
      outcome: 'fail',
      reason,
      detail: problem?.detail ?? 'the name has no agent record',
    },
  };
}

function recordCheck(record: AgentRecord): Check {
  const { protocol, target, port, mandatory } = record;
  return {
    check: 'record',
    outcome: 'pass',
    detail: `${record.fqdn} is ${protocol} at ${target}:${port}`,
    evidence: { protocol, target, port, mandatory },
  };
}

function checkDnssec({ fqdn, dnssec }: AgentRecord, required: boolean): Check {
  const detail = `the record of ${fqdn} is ${dnssec}`;
  const evidence = { status: dnssec };
  if (dnssec === 'secure') return { check: 'dnssec', outcome: 'pass', detail, evidence };
  if (dnssec === 'bogus')
    return { check: 'dnssec', outcome: 'fail', reason: 'dnssec_bogus', detail, evidence };
  if (required) {
    const wanted = `${detail}, wanted secure`;
    return { check: 'dnssec', outcome: 'fail', reason: 'dnssec_required', detail: wanted, evidence };
  }
  return { check: 'dnssec', outcome: 'warn', reason: 'dnssec_insecure', detail, evidence };
}
