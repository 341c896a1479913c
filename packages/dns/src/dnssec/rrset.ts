// RRsets (RFC 2181 section 5) with the signatures that cover them (RFC 4034 section 3).

import { DnsError } from '../error.js';
import type { DnsName } from '../name.js';
import { parseRrsig, type Rrsig } from '../rdata/rrsig.js';
import type { ResourceRecord } from '../record.js';
import { RrClass, RrType } from '../rrtype.js';

/** All records of one owner and type, and the RRSIGs that cover them. Class IN. */
export interface Rrset {
  readonly name: DnsName;
  readonly type: number;
  /** The smallest TTL of its records, in seconds. */
  readonly ttl: number;
  readonly records: readonly ResourceRecord[];
  readonly signatures: readonly Rrsig[];
}

/** Reads RDATA of which nothing is believed: a signature, key or proof that cannot be read is none. */
export function readOrSkip<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof DnsError && error.code === 'ERR_DNS_MALFORMED') return undefined;
    throw error;
  }
}

/** Groups a section's records into RRsets, in the order in which each first appears. */
export function groupRrsets(records: readonly ResourceRecord[]): readonly Rrset[] {
  const sets = new Map<string, { name: DnsName; type: number; records: ResourceRecord[] }>();
  const signatures = new Map<string, Rrsig[]>();
  for (const record of records) {
    if (record.class !== RrClass.IN) continue;
    if (record.type === RrType.RRSIG) {
      const signature = readOrSkip(() => parseRrsig(record.rdata));
      if (signature === undefined) continue;
      const key = `${signature.typeCovered} ${record.name.key}`;
      const list = signatures.get(key);
      if (list === undefined) signatures.set(key, [signature]);
      else list.push(signature);
      continue;
    }
    const key = `${record.type} ${record.name.key}`;
    const set = sets.get(key);
    if (set === undefined) sets.set(key, { name: record.name, type: record.type, records: [record] });
    else set.records.push(record);
  }
  return [...sets].map(([key, set]) => ({
    ...set,
    ttl: set.records.reduce((least, record) => Math.min(least, record.ttl), Number.POSITIVE_INFINITY),
    signatures: signatures.get(key) ?? [],
  }));
}

export function findRrset(sets: readonly Rrset[], name: DnsName, type: number): Rrset | undefined {
  return sets.find((set) => set.type === type && set.name.equals(name));
}
