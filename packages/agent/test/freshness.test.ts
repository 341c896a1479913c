import { describe, expect, it } from 'vitest';
import type { Discovery } from '../src/discovery.js';
import { checkFreshness, compareRecords, isStale } from '../src/freshness.js';
import { atMs, recordOf } from './support/record.js';

const sha256 = 'CY1lDMbSgN7kwPR0iadc8Xub-7rlMFGAbU4IQQiy_yc';
const record = recordOf(`1 edge.acme.example. alpn=mcp port=8443 cap-sha256=${sha256}`);
const later = { ...record, discoveredAt: new Date(atMs + 61_000).toISOString() };
const { capSha256: _, ...withoutHash } = later;

const found = (...agents: Discovery['agents'][number][]): Discovery => ({ agents, errors: [] });
const failed = (reason: string): Discovery => ({
  agents: [],
  errors: [{ fqdn: record.fqdn, reason, detail: 'as set' }],
});
const run = (discovery: Discovery, more: { seconds?: number; nowMs?: number } = {}) =>
  checkFreshness({ record, seconds: 60, nowMs: atMs + 61_000, rediscover: async () => discovery, ...more });

describe('isStale', () => {
  it('begins after that many seconds, not at them', () => {
    expect(isStale(record, 60, atMs + 60_000)).toBe(false);
    expect(isStale(record, 60, atMs + 60_001)).toBe(true);
  });

  it('is never so with zero seconds', () => {
    expect(isStale(record, 0, atMs + 1e12)).toBe(false);
  });

  it('takes a record from the future or without a time for stale', () => {
    expect(isStale(record, 60, atMs - 1)).toBe(true);
    expect(isStale({ ...record, discoveredAt: 'soon' }, 60, atMs)).toBe(true);
  });
});

describe('checkFreshness', () => {
  it('adopts the fresh record when nothing changed', async () => {
    const result = await run(found(later));
    expect(result.check).toMatchObject({ check: 'freshness', outcome: 'pass' });
    expect(result.record).toBe(later);
  });

  it.each([
    ['target', { ...later, target: 'evil.example' }],
    ['port', { ...later, port: 8444 }],
    ['cap-sha256', { ...later, capSha256: `D${sha256.slice(1)}` }],
    ['cap-sha256', withoutHash],
  ])('refuses a drift of %s', async (field, fresh) => {
    const result = await run(found(fresh));
    expect(result.check).toMatchObject({
      outcome: 'fail',
      reason: 'stale_discovery_drift',
      evidence: { drift: [{ field }] },
    });
    expect(result.record).toBe(record);
  });

  it('refuses a cap-sha256 that appeared', async () => {
    const { check } = await checkFreshness({
      record: { ...withoutHash, discoveredAt: record.discoveredAt },
      seconds: 60,
      nowMs: atMs + 61_000,
      rediscover: async () => found(later),
    });
    expect(check).toMatchObject({ reason: 'stale_discovery_drift' });
  });

  it.each([
    ['priority', { ...later, priority: 9 }],
    ['ttl', { ...later, ttl: 1 }],
    ['realm', { ...later, realm: 'other' }],
    ['letter case of the target', { ...later, target: 'EDGE.acme.example' }],
  ])('lets a change of %s pass', async (_name, fresh) => {
    const { check } = await run(found(fresh));
    expect(check.outcome).toBe('pass');
  });

  it('tells every field that drifted', () => {
    const changed = { ...later, target: 'evil.example', port: 1 };
    expect(compareRecords(record, changed)).toEqual([
      { field: 'target', was: 'edge.acme.example', now: 'evil.example' },
      { field: 'port', was: 8443, now: 1 },
    ]);
  });

  it('takes the disappearance of the record for a drift', async () => {
    const { check } = await run(failed('record_not_found'));
    expect(check).toMatchObject({ outcome: 'fail', reason: 'stale_discovery_drift' });
  });

  it('takes a record of another protocol for a disappearance', async () => {
    const { check } = await run(found({ ...later, protocol: 'a2a' }));
    expect(check).toMatchObject({ outcome: 'fail', reason: 'stale_discovery_drift' });
  });

  it.each([
    ['dns_timeout', 'freshness_failed'],
    ['lookup_failed', 'freshness_failed'],
    ['record_malformed', 'freshness_failed'],
    ['mandatory_unsupported', 'freshness_failed'],
    ['dnssec_bogus', 'dnssec_bogus'],
    ['dnssec_required', 'dnssec_required'],
  ])('refuses when the re-resolution ends with %s', async (reason, expected) => {
    const { check } = await run(failed(reason));
    expect(check).toMatchObject({ outcome: 'fail', reason: expected });
  });

  it('does not re-resolve a young record', async () => {
    const { check } = await run(failed('dns_timeout'), { nowMs: atMs + 60_000 });
    expect(check.outcome).toBe('pass');
  });

  it('is skipped with zero seconds', async () => {
    const { check } = await run(failed('dns_timeout'), { seconds: 0 });
    expect(check.outcome).toBe('skip');
  });
});
