// Outcomes of lookups, kept until they run out and never above a bound in bytes: those not used lately go first
// (RFC 2181 section 5.2, RFC 2308, RFC 4035 section 4.5).

import type { ChainLink, SecurityStatus } from './dnssec/chain-cache.js';
import type { Lookup } from './lookup.js';
import { DnsName } from './name.js';
import type { ResourceRecord } from './record.js';
import { RrClass } from './rrtype.js';

/** Kept outcomes of one resolver. Times are seconds since the epoch. */
export interface LookupCache {
  /** The kept outcome with its TTLs counted down, undefined when there is none that still holds. */
  get(name: DnsName, type: number, now: number): Lookup | undefined;
  /** Keeps an outcome for so many seconds; 0 keeps nothing. */
  set(lookup: Lookup, seconds: number, now: number): void;
  readonly size: number;
  /** An estimate of the memory held, in bytes: never above the bound. */
  readonly bytes: number;
}

/** An outcome in few bytes: a million of small objects with typed arrays in them would cost several times as much. */
interface Entry {
  readonly status: SecurityStatus;
  readonly rcode: number;
  readonly ede: number | undefined;
  readonly why: string;
  readonly chain: readonly ChainLink[];
  /** The records, one octet a character. */
  readonly packed: string;
  readonly since: number;
  readonly expires: number;
  /** Served since the last sweep came by. */
  used: boolean;
}

// Map slot, entry object, three string headers; measured with a million entries.
const entryOverhead = 232;
const recordOctets = 9;
// A link of a chain with its two lists, before its texts.
const linkOverhead = 200;

function pack(name: DnsName, answers: readonly ResourceRecord[]): string {
  if (answers.length === 0) return '';
  const size = answers.reduce(
    (sum, record) => sum + recordOctets + record.name.wire.length + record.rdata.length,
    0,
  );
  const octets = Buffer.allocUnsafe(size);
  let at = 0;
  for (const record of answers) {
    // An owner that is the name asked for is not written again.
    const owner = record.name.equals(name) ? new Uint8Array(0) : record.name.wire;
    at = octets.writeUInt8(owner.length, at);
    octets.set(owner, at);
    at = octets.writeUInt16BE(record.type, at + owner.length);
    at = octets.writeUInt32BE(record.ttl, at);
    at = octets.writeUInt16BE(record.rdata.length, at);
    octets.set(record.rdata, at);
    at += record.rdata.length;
  }
  return octets.toString('latin1', 0, at);
}

function octetsAt(packed: string, from: number, length: number): Uint8Array {
  const octets = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) octets[index] = packed.charCodeAt(from + index);
  return octets;
}

const uint16At = (packed: string, at: number): number =>
  (packed.charCodeAt(at) << 8) | packed.charCodeAt(at + 1);

function unpack(packed: string, name: DnsName, ttl: number): readonly ResourceRecord[] {
  const answers: ResourceRecord[] = [];
  let at = 0;
  while (at < packed.length) {
    const ownerLength = packed.charCodeAt(at);
    const owner = ownerLength === 0 ? name : DnsName.fromWire(octetsAt(packed, at + 1, ownerLength));
    const fixed = at + 1 + ownerLength;
    const recordTtl = uint16At(packed, fixed + 2) * 0x10000 + uint16At(packed, fixed + 4);
    const rdataLength = uint16At(packed, fixed + 6);
    answers.push({
      name: owner,
      type: uint16At(packed, fixed),
      class: RrClass.IN,
      ttl: Math.min(ttl, recordTtl),
      rdata: octetsAt(packed, fixed + 8, rdataLength),
    });
    at = fixed + 8 + rdataLength;
  }
  return answers;
}

function toLookup(entry: Entry, name: DnsName, type: number, now: number): Lookup {
  const { status, rcode, ede, why, chain } = entry;
  const ttl = entry.expires - now;
  const answers = unpack(entry.packed, name, ttl);
  return ede === undefined
    ? { name, type, status, rcode, answers, why, chain, ttl }
    : { name, type, status, rcode, answers, ede, why, chain, ttl };
}

/** @param maxBytes the bound on the memory held; 0 keeps nothing */
export function createLookupCache(maxBytes: number): LookupCache {
  // By type, then by the name's own key: to put a key together for each look would cost more than the look.
  const byType = new Map<number, Map<string, Entry>>();
  let size = 0;
  let bytes = 0;
  // The reason counts in full, though entries of one zone share it.
  const costOf = (key: string, { packed, why }: Entry): number =>
    entryOverhead + key.length + packed.length + why.length;
  // Outcomes of one zone share its links, so each counts once; a zone that lasts no second has new ones every time.
  const holders = new Map<ChainLink, number>();
  const hold = (chain: readonly ChainLink[], change: 1 | -1): void => {
    for (const link of chain) {
      const before = holders.get(link) ?? 0;
      const after = before + change;
      if (after === 0) holders.delete(link);
      else holders.set(link, after);
      if (before === 0 || after === 0) bytes += change * (linkOverhead + link.zone.length + link.why.length);
    }
  };
  const drop = (entries: Map<string, Entry>, key: string, entry: Entry): void => {
    entries.delete(key);
    size -= 1;
    bytes -= costOf(key, entry);
    hold(entry.chain, -1);
  };
  const entriesOf = (type: number): Map<string, Entry> => {
    const known = byType.get(type);
    if (known !== undefined) return known;
    const entries = new Map<string, Entry>();
    byType.set(type, entries);
    return entries;
  };
  // A second chance for what was served since the last sweep, instead of a new place in the order for each hit.
  const sweep = (entries: Map<string, Entry>): void => {
    for (const [key, entry] of entries) {
      if (bytes <= maxBytes) return;
      if (entry.used) {
        entry.used = false;
        entries.delete(key);
        entries.set(key, entry);
      } else {
        drop(entries, key, entry);
      }
    }
  };
  const largest = (): Map<string, Entry> =>
    [...byType.values()].reduce((most, entries) => (entries.size > most.size ? entries : most));
  return {
    get size() {
      return size;
    },
    get bytes() {
      return bytes;
    },
    get(name, type, now) {
      const entries = byType.get(type);
      const entry = entries?.get(name.key);
      if (entries === undefined || entry === undefined) return undefined;
      // One from the future is of a clock that was wrong.
      if (entry.expires <= now || entry.since > now) {
        drop(entries, name.key, entry);
        return undefined;
      }
      entry.used = true;
      return toLookup(entry, name, type, now);
    },
    set(lookup, seconds, now) {
      const entries = entriesOf(lookup.type);
      const { key } = lookup.name;
      const known = entries.get(key);
      if (known !== undefined) drop(entries, key, known);
      if (seconds <= 0 || maxBytes === 0) return;
      const { name, status, rcode, ede, why, chain, answers } = lookup;
      const packed = pack(name, answers);
      const entry = {
        status,
        rcode,
        ede,
        why,
        chain,
        packed,
        since: now,
        expires: now + seconds,
        used: false,
      };
      const cost = costOf(key, entry);
      if (cost > maxBytes) return;
      entries.set(key, entry);
      size += 1;
      bytes += cost;
      hold(chain, 1);
      while (bytes > maxBytes) sweep(largest());
    },
  };
}
