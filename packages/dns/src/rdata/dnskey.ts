// DNSKEY: a zone's public key (RFC 4034 section 2), its key tag (appendix B), and CDNSKEY (RFC 7344).

import { WireReader, WireWriter } from '../wire.js';
import { base64Field, type FieldReader } from './fields.js';

/** The RDATA of DNSKEY. */
export interface Dnskey {
  readonly flags: number;
  readonly protocol: number;
  readonly algorithm: number;
  readonly publicKey: Uint8Array;
}

/** @throws DnsError `ERR_DNS_MALFORMED` */
export function parseDnskey(rdata: Uint8Array): Dnskey {
  const reader = new WireReader(rdata);
  return {
    flags: reader.u16(),
    protocol: reader.u8(),
    algorithm: reader.u8(),
    publicKey: reader.rest(),
  };
}

export function encodeDnskey(dnskey: Dnskey): Uint8Array {
  const writer = new WireWriter(512);
  writer.u16(dnskey.flags);
  writer.u8(dnskey.protocol);
  writer.u8(dnskey.algorithm);
  writer.bytes(dnskey.publicKey);
  return writer.finish();
}

/** The key tag of a DNSKEY's RDATA (RFC 4034 appendix B). Several keys may share one. */
export function keyTag(rdata: Uint8Array): number {
  // Appendix B.1: RSA/MD5 takes it from the modulus.
  if (rdata[3] === 1) return ((rdata.at(-3) ?? 0) << 8) | (rdata.at(-2) ?? 0);
  let sum = 0;
  for (let at = 0; at < rdata.length; at++) {
    const octet = rdata[at] ?? 0;
    sum += at % 2 === 0 ? octet << 8 : octet;
  }
  return (sum + ((sum >>> 16) & 0xffff)) & 0xffff;
}

/** Reads the presentation form. */
export function readDnskeyText(fields: FieldReader): Uint8Array {
  return encodeDnskey({
    flags: fields.integer('flags', 16),
    protocol: fields.integer('protocol', 8),
    algorithm: fields.integer('algorithm', 8),
    publicKey: fields.base64('public key'),
  });
}

/** Writes the presentation form. */
export function formatDnskey(rdata: Uint8Array): string {
  const dnskey = parseDnskey(rdata);
  return `${dnskey.flags} ${dnskey.protocol} ${dnskey.algorithm} ${base64Field(dnskey.publicKey)}`;
}
