// Outcomes of lookups, kept until they run out and never above a bound in bytes: the least recently used go first
// (RFC 2181 section 5.2, RFC 2308, RFC 4035 section 4.5).

import type { ChainLink, SecurityStatus } from './dnssec/chain.js';
import { DnsName } from './name.js';
import type { ResourceRecord } from './record.js';
import type { Lookup } from './resolver.js';
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
  /** Status, codes, reason and records, one octet a character. */
  readonly packed: string;
  readonly chain: readonly ChainLink[];
  readonly expires: number;
}

// Map slot, entry object, two string headers; measured with a million entries.
const entryOverhead = 176;
const headerOctets = 9;
const recordOctets = 9;
const noEde = 0xffff;

const statuses: readonly SecurityStatus[] = ['secure', 'insecure', 'bogus', 'indeterminate'];

const keyOf = (name: DnsName, type: number): string => String.fromCharCode(type) + name.key;

function pack({ name, status, rcode, ede, why, answers }: Lookup): string {
  const reason = Buffer.from(why, 'utf8');
  const size = answers.reduce(
    (sum, record) => sum + recordOctets + record.name.wire.length + record.rdata.length,
    headerOctets + reason.length,
  );
  const octets = Buffer.allocUnsafe(size);
  octets.writeUInt8(statuses.indexOf(status), 0);
  octets.writeUInt16BE(rcode, 1);
  octets.writeUInt16BE(ede ?? noEde, 3);
  octets.writeUInt16BE(reason.length, 5);
  octets.writeUInt16BE(answers.length, 7);
  octets.set(reason, headerOctets);
  let at = headerOctets + reason.length;
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

function unpack(entry: Entry, name: DnsName, type: number, ttl: number): Lookup {
  const octets = Buffer.from(entry.packed, 'latin1');
  const plain = new Uint8Array(octets.buffer, octets.byteOffset, octets.length);
  const ede = octets.readUInt16BE(3);
  const reasonEnd = headerOctets + octets.readUInt16BE(5);
  const answers: ResourceRecord[] = [];
  let at = reasonEnd;
  for (let left = octets.readUInt16BE(7); left > 0; left -= 1) {
    const ownerEnd = at + 1 + octets.readUInt8(at);
    const owner = ownerEnd === at + 1 ? name : DnsName.fromWire(plain.subarray(at + 1, ownerEnd));
    const rdataAt = ownerEnd + recordOctets - 1;
    const rdataEnd = rdataAt + octets.readUInt16BE(rdataAt - 2);
    answers.push({
      name: owner,
      type: octets.readUInt16BE(ownerEnd),
      class: RrClass.IN,
      ttl: Math.min(ttl, octets.readUInt32BE(ownerEnd + 2)),
      rdata: plain.subarray(rdataAt, rdataEnd),
    });
    at = rdataEnd;
  }
  return {
    name,
    type,
    status: statuses[octets.readUInt8(0)] ?? 'indeterminate',
    rcode: octets.readUInt16BE(1),
    answers,
    ...(ede === noEde ? {} : { ede }),
    why: octets.toString('utf8', headerOctets, reasonEnd),
    chain: entry.chain,
    ttl,
  };
}

/** @param maxBytes the bound on the memory held; 0 keeps nothing */
export function createLookupCache(maxBytes: number): LookupCache {
  const entries = new Map<string, Entry>();
  let bytes = 0;
  const costOf = (key: string, { packed }: Entry): number => entryOverhead + key.length + packed.length;
  const drop = (key: string, entry: Entry): void => {
    entries.delete(key);
    bytes -= costOf(key, entry);
  };
  return {
    get size() {
      return entries.size;
    },
    get bytes() {
      return bytes;
    },
    get(name, type, now) {
      const key = keyOf(name, type);
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (entry.expires <= now) {
        drop(key, entry);
        return undefined;
      }
      entries.delete(key);
      entries.set(key, entry);
      return unpack(entry, name, type, entry.expires - now);
    },
    set(lookup, seconds, now) {
      const key = keyOf(lookup.name, lookup.type);
      const known = entries.get(key);
      if (known !== undefined) drop(key, known);
      if (seconds <= 0) return;
      const entry = { packed: pack(lookup), chain: lookup.chain, expires: now + seconds };
      const cost = costOf(key, entry);
      if (cost > maxBytes) return;
      entries.set(key, entry);
      bytes += cost;
      for (const [oldest, aged] of entries) {
        if (bytes <= maxBytes) break;
        drop(oldest, aged);
      }
    },
  };
}
