// Is a record that was found earlier still what the domain publishes? The gate against a change between
// discovery and use (OWASP MAESTRO BV-9): re-resolve past every cache, compare, refuse a drift.

import type { Check, JsonValue } from '@countersign/core';
import type { Discovery } from './discovery.js';
import type { AgentRecord } from './record.js';

/** One essential field that changed; `now` is null when the record is gone. */
export interface Drift {
  readonly field: 'target' | 'port' | 'cap-sha256' | 'record';
  readonly was: string | number | null;
  readonly now: string | number | null;
}

/** The essential fields that differ between the record in hand and the one published now. */
export function compareRecords(was: AgentRecord, now: AgentRecord): readonly Drift[] {
  const drifts: Drift[] = [
    { field: 'target', was: was.target.toLowerCase(), now: now.target.toLowerCase() },
    { field: 'port', was: was.port, now: now.port },
    { field: 'cap-sha256', was: was.capSha256 ?? null, now: now.capSha256 ?? null },
  ];
  return drifts.filter((drift) => drift.was !== drift.now);
}

/**
 * True when the record is older than that many seconds. A record from the future, or without a readable time,
 * is stale; with zero seconds none is.
 */
export function isStale(record: AgentRecord, seconds: number, nowMs: number): boolean {
  if (seconds === 0) return false;
  const ageMs = nowMs - Date.parse(record.discoveredAt);
  return !(ageMs >= 0 && ageMs <= seconds * 1000);
}

export interface FreshnessInput {
  readonly record: AgentRecord;
  /** 0 switches the gate off. */
  readonly seconds: number;
  readonly nowMs: number;
  /** Re-resolves the record's own name and protocol past every cache. */
  readonly rediscover: () => Promise<Discovery>;
}

/** The check, and the record to use from here on: the fresh one when it was re-resolved. */
export interface FreshnessResult {
  readonly check: Check;
  readonly record: AgentRecord;
}

/** The reasons of a re-resolution that say more than that it failed. */
const tellingReasons = new Set(['dnssec_bogus', 'dnssec_required']);

/** Runs the gate. A drift or a disappearance is `stale_discovery_drift`, a failing look-up `freshness_failed`. */
export async function checkFreshness(input: FreshnessInput): Promise<FreshnessResult> {
  const { record, seconds } = input;
  const result = (outcome: Check['outcome'], detail: string, more: Partial<Check> = {}, now = record) => ({
    check: { check: 'freshness', outcome, detail, ...more },
    record: now,
  });
  if (seconds === 0) return result('skip', 'records are not re-resolved (verifyFreshnessSeconds is 0)');
  if (!isStale(record, seconds, input.nowMs)) {
    return result('pass', `discovered at ${record.discoveredAt}, not more than ${seconds} s ago`);
  }

  const found = await input.rediscover();
  const fresh = found.agents.find((agent) => agent.protocol === record.protocol);
  if (fresh === undefined) {
    const reason = found.errors[0]?.reason ?? 'record_not_found';
    const detail = found.errors[0]?.detail ?? `no record for ${record.protocol}`;
    if (reason === 'record_not_found') {
      return drifted([{ field: 'record', was: record.target, now: null }]);
    }
    return result('fail', `the record could not be re-resolved: ${detail}`, {
      reason: tellingReasons.has(reason) ? reason : 'freshness_failed',
      evidence: { lookup: reason },
    });
  }
  const drifts = compareRecords(record, fresh);
  if (drifts.length > 0) return drifted(drifts);
  return result('pass', 're-resolved: target, port and cap-sha256 are unchanged', {}, fresh);

  function drifted(drift: readonly Drift[]): FreshnessResult {
    const told = drift.map(({ field, was, now }) => `${field} was ${was ?? 'absent'}, is ${now ?? 'absent'}`);
    const evidence: readonly JsonValue[] = drift.map(({ field, was, now }) => ({ field, was, now }));
    return result('fail', `the published record changed since discovery: ${told.join('; ')}`, {
      reason: 'stale_discovery_drift',
      evidence: { drift: evidence },
    });
  }
}
