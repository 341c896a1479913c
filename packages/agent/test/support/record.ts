// SVCB records and agent records for tests, from presentation form.

import { DnsName, encodeSvcb, parseRdata, RrClass, RrType, type SecurityStatus } from '@countersign/dns';
import { parseAgentName } from '../../src/fqdn.js';
import type { AgentProtocol } from '../../src/protocol.js';
import { type AgentRecord, type RecordReading, readAgentRecord } from '../../src/record.js';
import { readServiceSet, type ServiceSet } from '../../src/service-set.js';

export const atMs = Date.UTC(2026, 10, 22);

/** The set that these records make at weather.acme.example. */
export function serviceSet(
  rdata: readonly (string | Uint8Array)[],
  owner = 'weather.acme.example',
): ServiceSet {
  return readServiceSet(
    rdata.map((each) => ({
      name: DnsName.parse(owner),
      type: RrType.SVCB,
      class: RrClass.IN,
      ttl: 300,
      rdata: typeof each === 'string' ? parseRdata(RrType.SVCB, each) : each,
    })),
  );
}

/** Octets of an SVCB record, also of one that breaks the rules of its values. */
export function rawSvcb(
  priority: number,
  target: string,
  params: Record<number, readonly number[]>,
): Uint8Array {
  const values = Object.entries(params).map(
    ([key, octets]) => [Number(key), Uint8Array.from(octets)] as const,
  );
  return encodeSvcb({ priority, target: DnsName.parse(target), params: new Map(values) });
}

export function readOne(
  rdata: string | Uint8Array,
  options: { owner?: string; hint?: AgentProtocol; dnssec?: SecurityStatus } = {},
): RecordReading {
  const owner = options.owner ?? 'weather.acme.example';
  const set = serviceSet([rdata], owner);
  const agent = parseAgentName(owner);
  const [service] = set.kind === 'services' ? set.services : [];
  if (service === undefined || agent === undefined) throw new TypeError(`no service record: ${set.kind}`);
  return readAgentRecord(service, {
    agent,
    dnssec: options.dnssec ?? 'secure',
    ttl: 300,
    atMs: atMs,
    ...(options.hint === undefined ? {} : { hint: options.hint }),
  });
}

/** The record that is read, or the reason why there is none. */
export function recordOf(...args: Parameters<typeof readOne>): AgentRecord {
  const read = readOne(...args);
  if (!read.ok) throw new TypeError(read.problem.detail);
  return read.record;
}

export function reasonOf(...args: Parameters<typeof readOne>): string {
  const read = readOne(...args);
  return read.ok ? 'ok' : read.problem.reason;
}
