// The OPT pseudo-record as what it means: EDNS(0), RFC 6891 section 6.1, and the DO bit of RFC 3225.

import { malformed } from './error.js';
import { DnsName } from './name.js';
import { type EdnsOption, encodeOpt, parseOpt } from './rdata/opt.js';
import type { ResourceRecord } from './record.js';
import { RrType } from './rrtype.js';
import type { WireWriter } from './wire.js';

export type { EdnsOption };

/** What an OPT record says, the upper response code bits aside: those are in `Message.rcode`. */
export interface Edns {
  /** The largest UDP payload, in octets, that the sender takes. */
  readonly udpPayloadSize: number;
  readonly version: number;
  /** The DO bit: DNSSEC records are wanted. */
  readonly dnssecOk: boolean;
  readonly options: readonly EdnsOption[];
}

const dnssecOkBit = 0x8000;

/**
 * Reads an OPT record, whose TTL is the field as it stood on the wire.
 *
 * @throws DnsError `ERR_DNS_MALFORMED`
 */
export function readEdns(record: ResourceRecord): { edns: Edns; extendedRcode: number } {
  const { ttl } = record;
  if (record.name.wire.length !== 1) throw malformed('an OPT record whose owner is not the root');
  return {
    edns: {
      udpPayloadSize: record.class,
      version: (ttl >>> 16) & 0xff,
      dnssecOk: (ttl & dnssecOkBit) !== 0,
      options: parseOpt(record.rdata),
    },
    extendedRcode: ttl >>> 24,
  };
}

/** Writes an OPT record; `extendedRcode` holds the upper eight bits of the response code. */
export function writeEdns(writer: WireWriter, edns: Edns, extendedRcode: number): void {
  const rdata = encodeOpt(edns.options);
  writer.name(DnsName.root);
  writer.u16(RrType.OPT);
  writer.u16(edns.udpPayloadSize);
  writer.u8(extendedRcode);
  writer.u8(edns.version);
  writer.u16(edns.dnssecOk ? dnssecOkBit : 0);
  writer.u16(rdata.length);
  writer.bytes(rdata);
}
