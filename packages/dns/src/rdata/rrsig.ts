// RRSIG: the signature over one RRset (RFC 4034 section 3).

import type { DnsName } from '../name.js';
import { parseRrType, rrTypeName } from '../rrtype.js';
import { WireReader, WireWriter } from '../wire.js';
import { base64Field, type FieldReader } from './fields.js';

/** The RDATA of RRSIG. */
export interface Rrsig {
  readonly typeCovered: number;
  readonly algorithm: number;
  readonly labels: number;
  readonly originalTtl: number;
  /** Seconds since the epoch modulo 2^32: compared in serial number arithmetic (RFC 4034 section 3.1.5). */
  readonly expiration: number;
  /** As `expiration`. */
  readonly inception: number;
  readonly keyTag: number;
  readonly signer: DnsName;
  readonly signature: Uint8Array;
}

/** @throws DnsError `ERR_DNS_MALFORMED` */
export function parseRrsig(rdata: Uint8Array): Rrsig {
  const reader = new WireReader(rdata);
  return {
    typeCovered: reader.u16(),
    algorithm: reader.u8(),
    labels: reader.u8(),
    originalTtl: reader.u32(),
    expiration: reader.u32(),
    inception: reader.u32(),
    keyTag: reader.u16(),
    signer: reader.name(),
    signature: reader.rest(),
  };
}

export function encodeRrsig(rrsig: Rrsig): Uint8Array {
  const writer = new WireWriter(512);
  writer.u16(rrsig.typeCovered);
  writer.u8(rrsig.algorithm);
  writer.u8(rrsig.labels);
  writer.u32(rrsig.originalTtl);
  writer.u32(rrsig.expiration);
  writer.u32(rrsig.inception);
  writer.u16(rrsig.keyTag);
  writer.name(rrsig.signer);
  writer.bytes(rrsig.signature);
  return writer.finish();
}

/** Reads the presentation form; times as YYYYMMDDHHmmSS or seconds since the epoch. */
export function readRrsigText(fields: FieldReader): Uint8Array {
  return encodeRrsig({
    typeCovered: parseRrType(fields.raw('type covered')),
    algorithm: fields.integer('algorithm', 8),
    labels: fields.integer('labels', 8),
    originalTtl: fields.integer('original TTL', 32),
    expiration: readTime(fields, 'expiration'),
    inception: readTime(fields, 'inception'),
    keyTag: fields.integer('key tag', 16),
    signer: fields.name('signer'),
    signature: fields.base64('signature'),
  });
}

/** Writes the presentation form. */
export function formatRrsig(rdata: Uint8Array): string {
  const rrsig = parseRrsig(rdata);
  return [
    rrTypeName(rrsig.typeCovered),
    rrsig.algorithm,
    rrsig.labels,
    rrsig.originalTtl,
    formatTime(rrsig.expiration),
    formatTime(rrsig.inception),
    rrsig.keyTag,
    rrsig.signer,
    base64Field(rrsig.signature),
  ].join(' ');
}

// RFC 4034 section 3.2: the two forms are told apart by their length. Years are those of serial arithmetic: BIND writes
// the last second of 32 bits as one of 1969, so a date is taken modulo 2^32.
function readTime(fields: FieldReader, what: string): number {
  const text = fields.raw(what);
  if (/^[0-9]{1,10}$/.test(text) && Number(text) < 2 ** 32) return Number(text);
  const parts = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(text);
  const seconds =
    parts === null
      ? Number.NaN
      : Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}Z`) / 1000;
  // Written again, 30 February would be another day.
  if (!Number.isNaN(seconds) && formatTime(seconds) === text) return seconds >>> 0;
  throw fields.invalid(`the ${what} is ${JSON.stringify(text)}, not a time such as 20260101000000`);
}

function formatTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/[-:T]|\..*$/g, '');
}
