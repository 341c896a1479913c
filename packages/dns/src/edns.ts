// The OPT pseudo-record as what it means: EDNS(0), RFC 6891 section 6.1, and the DO bit of RFC 3225.

import { malformed } from './error.js';
import { DnsName } from './name.js';
import type { ResourceRecord } from './record.js';
import { RrType } from './rrtype.js';
import { WireReader, WireWriter } from './wire.js';

/** One EDNS option, its data as octets. */
export interface EdnsOption {
  readonly code: number;
  readonly data: Uint8Array;
}

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
 * Reads an OPT record.
 *
 * @param ttl the record's TTL field as it stood on the wire, which is no TTL here
 * @throws DnsError `ERR_DNS_MALFORMED`
 */
export function readEdns(record: ResourceRecord, ttl: number): { edns: Edns; extendedRcode: number } {
  if (record.name.wire.length !== 1) throw malformed('an OPT record whose owner is not the root');
  const reader = new WireReader(record.rdata);
  const options: EdnsOption[] = [];
  while (reader.remaining > 0) {
    const code = reader.u16();
    options.push({ code, data: reader.bytes(reader.u16()) });
  }
  return {
    edns: {
      udpPayloadSize: record.class,
      version: (ttl >>> 16) & 0xff,
      dnssecOk: (ttl & dnssecOkBit) !== 0,
      options,
    },
    extendedRcode: ttl >>> 24,
  };
}

/** Writes an OPT record; `extendedRcode` holds the upper eight bits of the response code. */
export function writeEdns(writer: WireWriter, edns: Edns, extendedRcode: number): void {
  const rdata = new WireWriter(64);
  for (const option of edns.options) {
    rdata.u16(option.code);
    rdata.u16(option.data.length);
    rdata.bytes(option.data);
  }
  writer.name(DnsName.root);
  writer.u16(RrType.OPT);
  writer.u16(edns.udpPayloadSize);
  writer.u8(extendedRcode);
  writer.u8(edns.version);
  writer.u16(edns.dnssecOk ? dnssecOkBit : 0);
  writer.u16(rdata.length);
  writer.bytes(rdata.finish());
}
