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

interface Gathered {
  readonly name: DnsName;
  readonly type: number;
  ttl: number;
  readonly records: ResourceRecord[];
  readonly signatures: Rrsig[];
}

/** Groups a section's records into RRsets, in the order in which each first appears. */
export function groupRrsets(records: readonly ResourceRecord[]): readonly Rrset[] {
  const sets: Gathered[] = [];
  // By name, then by type: no key has to be put together for each record.
  const byName = new Map<string, Map<number, Gathered>>();
  const signatures: { readonly owner: string; readonly rrsig: Rrsig }[] = [];
  for (const record of records) {
    if (record.class !== RrClass.IN) continue;
    const owner = record.name.key;
    if (record.type === RrType.RRSIG) {
      const rrsig = readOrSkip(() => parseRrsig(record.rdata));
      if (rrsig !== undefined) signatures.push({ owner, rrsig });
      continue;
    }
    const types = byName.get(owner) ?? new Map<number, Gathered>();
    if (types.size === 0) byName.set(owner, types);
    const set = types.get(record.type);
    if (set === undefined) {
      const { name, type, ttl } = record;
      const made: Gathered = { name, type, ttl, records: [record], signatures: [] };
      types.set(type, made);
      sets.push(made);
    } else {
      set.records.push(record);
      set.ttl = Math.min(set.ttl, record.ttl);
    }
  }
  for (const { owner, rrsig } of signatures) {
    byName.get(owner)?.get(rrsig.typeCovered)?.signatures.push(rrsig);
  }
  return sets;
}

export function findRrset(sets: readonly Rrset[], name: DnsName, type: number): Rrset | undefined {
  return sets.find((set) => set.type === type && set.name.equals(name));
}
