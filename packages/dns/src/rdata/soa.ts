// SOA: the start of a zone of authority (RFC 1035 section 3.3.13).

import type { DnsName } from '../name.js';
import { WireReader, WireWriter } from '../wire.js';
import type { FieldReader } from './fields.js';

/** The RDATA of SOA; times in seconds. */
export interface Soa {
  readonly mname: DnsName;
  readonly rname: DnsName;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  /** The cap on how long absence may be cached (RFC 2308 section 4). */
  readonly minimum: number;
}

/** @throws DnsError `ERR_DNS_MALFORMED` */
export function parseSoa(rdata: Uint8Array): Soa {
  const reader = new WireReader(rdata);
  const soa = {
    mname: reader.name(),
    rname: reader.name(),
    serial: reader.u32(),
    refresh: reader.u32(),
    retry: reader.u32(),
    expire: reader.u32(),
    minimum: reader.u32(),
  };
  reader.finish('the SOA RDATA');
  return soa;
}

export function encodeSoa(soa: Soa): Uint8Array {
  const writer = new WireWriter(64);
  writer.name(soa.mname);
  writer.name(soa.rname);
  for (const value of [soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum]) writer.u32(value);
  return writer.finish();
}

/** Reads the presentation form. */
export function readSoaText(fields: FieldReader): Uint8Array {
  return encodeSoa({
    mname: fields.name('primary server'),
    rname: fields.name('mailbox'),
    serial: fields.integer('serial', 32),
    refresh: fields.integer('refresh time', 32),
    retry: fields.integer('retry time', 32),
    expire: fields.integer('expire time', 32),
    minimum: fields.integer('minimum', 32),
  });
}

/** Writes the presentation form. */
export function formatSoa(rdata: Uint8Array): string {
  const soa = parseSoa(rdata);
  return `${soa.mname} ${soa.rname} ${soa.serial} ${soa.refresh} ${soa.retry} ${soa.expire} ${soa.minimum}`;
}
