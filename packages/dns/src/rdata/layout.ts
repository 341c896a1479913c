// Where domain names stand in the RDATA of a type: needed to expand compressed names when a message is read
// (RFC 3597 section 4), and for the canonical form.

import { malformed } from '../error.js';
import type { DnsName } from '../name.js';
import { RrType, rrTypeName } from '../rrtype.js';
import type { WireReader } from '../wire.js';

/** RDATA as: a fixed part, then character-strings, then names, then a tail. */
export interface RdataLayout {
  readonly prefix: number;
  readonly strings: number;
  readonly names: number;
  /** Octets behind the names; `rest` for whatever is left. */
  readonly tail: number | 'rest';
  /** True where a receiver expands compressed names: the types of RFC 1035 and those named in RFC 3597 section 4. */
  readonly compressible: boolean;
}

const oneName: RdataLayout = { prefix: 0, strings: 0, names: 1, tail: 0, compressible: true };
const preferenceAndName: RdataLayout = { ...oneName, prefix: 2 };
const twoNames: RdataLayout = { ...oneName, names: 2 };

// NSEC is missing on purpose: RFC 6840 section 5.1 takes its next name out of the lower-cased ones. SVCB and HTTPS
// came after RFC 3597, which leaves the names of new types as they are.
const layouts: ReadonlyMap<number, RdataLayout> = new Map([
  [RrType.NS, oneName],
  [RrType.MD, oneName],
  [RrType.MF, oneName],
  [RrType.CNAME, oneName],
  [RrType.SOA, { ...twoNames, tail: 20 }],
  [RrType.MB, oneName],
  [RrType.MG, oneName],
  [RrType.MR, oneName],
  [RrType.PTR, oneName],
  [RrType.MINFO, twoNames],
  [RrType.MX, preferenceAndName],
  [RrType.RP, twoNames],
  [RrType.AFSDB, preferenceAndName],
  [RrType.RT, preferenceAndName],
  [RrType.SIG, { ...oneName, prefix: 18, tail: 'rest' }],
  [RrType.PX, { ...twoNames, prefix: 2 }],
  [RrType.NXT, { ...oneName, tail: 'rest' }],
  [RrType.SRV, { ...oneName, prefix: 6 }],
  [RrType.NAPTR, { ...oneName, prefix: 4, strings: 3 }],
  [RrType.KX, { ...preferenceAndName, compressible: false }],
  [RrType.DNAME, { ...oneName, compressible: false }],
  [RrType.RRSIG, { ...oneName, prefix: 18, tail: 'rest', compressible: false }],
]);

/**
 * Reads the RDATA of a record in a message and moves behind it, compressed names expanded where they are allowed.
 * All other RDATA is opaque here.
 *
 * @throws DnsError `ERR_DNS_MALFORMED`
 */
export function readRdata(reader: WireReader, type: number, length: number): Uint8Array {
  const layout = layouts.get(type);
  // Dynamic updates carry records without RDATA (RFC 2136 section 2.4).
  if (layout === undefined || !layout.compressible || length === 0) return reader.bytes(length);
  if (length > reader.remaining) throw malformed(`the ${rrTypeName(type)} RDATA is cut off`);

  const messageEnd = reader.end;
  const begin = reader.offset;
  reader.end = begin + length;
  reader.bytes(layout.prefix);
  for (let left = layout.strings; left > 0; left--) reader.bytes(reader.u8());
  const namesAt = reader.offset;
  const names: DnsName[] = [];
  let plain = true;
  for (let left = layout.names; left > 0; left--) {
    const at = reader.offset;
    const name = reader.compressedName();
    names.push(name);
    // A pointer takes two octets and no name has two, so a compressed name never has its full length.
    plain &&= reader.offset - at === name.wire.length;
  }
  const tailAt = reader.offset;
  reader.bytes(layout.tail === 'rest' ? reader.remaining : layout.tail);
  reader.finish(`the ${rrTypeName(type)} RDATA`);
  reader.end = messageEnd;

  if (plain) return reader.octets.subarray(begin, begin + length);
  return expand(reader.octets, names, { begin, namesAt, tailAt, end: begin + length });
}

function expand(
  octets: Uint8Array,
  names: readonly DnsName[],
  at: { begin: number; namesAt: number; tailAt: number; end: number },
): Uint8Array {
  const before = at.namesAt - at.begin;
  let length = before + at.end - at.tailAt;
  for (const name of names) length += name.wire.length;
  const rdata = new Uint8Array(length);
  if (before > 0) rdata.set(octets.subarray(at.begin, at.namesAt));
  let next = before;
  for (const { wire } of names) {
    rdata.set(wire, next);
    next += wire.length;
  }
  if (at.tailAt < at.end) rdata.set(octets.subarray(at.tailAt, at.end), next);
  return rdata;
}

/** The layout of a type's RDATA; undefined when it holds no names, or none that anything is to be done with. */
export function rdataLayout(type: number): RdataLayout | undefined {
  return layouts.get(type);
}
