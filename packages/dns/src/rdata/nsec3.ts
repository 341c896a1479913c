// NSEC3 and NSEC3PARAM: denial of existence by hashed names (RFC 5155 sections 3 and 4).

import { malformed } from '../error.js';
import { WireReader, WireWriter } from '../wire.js';
import { fromBase32Hex, fromHex, toBase32Hex, toHex } from './encoding.js';
import type { FieldReader } from './fields.js';
import { encodeTypeBitmap, formatTypes, parseTypeBitmap, readTypesText } from './typebitmap.js';

/** The RDATA of NSEC3PARAM: how a zone hashes its names. */
export interface Nsec3Param {
  readonly hashAlgorithm: number;
  readonly flags: number;
  readonly iterations: number;
  readonly salt: Uint8Array;
}

/** The RDATA of NSEC3. */
export interface Nsec3 extends Nsec3Param {
  /** The next hash in the zone's order, as octets. */
  readonly nextHashed: Uint8Array;
  readonly types: ReadonlySet<number>;
}

/** @throws DnsError `ERR_DNS_MALFORMED` */
export function parseNsec3Param(rdata: Uint8Array): Nsec3Param {
  const reader = new WireReader(rdata);
  const param = readParam(reader);
  reader.finish('the NSEC3PARAM RDATA');
  return param;
}

/** @throws DnsError `ERR_DNS_MALFORMED` */
export function parseNsec3(rdata: Uint8Array): Nsec3 {
  const reader = new WireReader(rdata);
  const param = readParam(reader);
  const length = reader.u8();
  // RFC 5155 section 3.1.7: 1 to 255.
  if (length === 0) throw malformed('an NSEC3 record without its next hash');
  return { ...param, nextHashed: reader.bytes(length), types: parseTypeBitmap(reader.rest()) };
}

/** @throws DnsError `ERR_DNS_MALFORMED` for a salt of more than 255 octets */
export function encodeNsec3Param(param: Nsec3Param): Uint8Array {
  const writer = new WireWriter(64);
  writeParam(writer, param);
  return writer.finish();
}

/** @throws DnsError `ERR_DNS_MALFORMED` for a salt or a hash that does not fit */
export function encodeNsec3(nsec3: Nsec3): Uint8Array {
  if (nsec3.nextHashed.length < 1 || nsec3.nextHashed.length > 255)
    throw malformed('a hash has 1 to 255 octets');
  const writer = new WireWriter(64);
  writeParam(writer, nsec3);
  writer.u8(nsec3.nextHashed.length);
  writer.bytes(nsec3.nextHashed);
  writer.bytes(encodeTypeBitmap(nsec3.types));
  return writer.finish();
}

/** Reads the presentation form of NSEC3PARAM. */
export function readNsec3ParamText(fields: FieldReader): Uint8Array {
  return encodeNsec3Param(readParamText(fields));
}

/** Reads the presentation form of NSEC3. */
export function readNsec3Text(fields: FieldReader): Uint8Array {
  const param = readParamText(fields);
  const nextHashed = fromBase32Hex(fields.raw('next hash'));
  if (nextHashed === undefined || nextHashed.length < 1 || nextHashed.length > 255) {
    throw fields.invalid('the next hash is not base32hex');
  }
  return encodeNsec3({ ...param, nextHashed, types: readTypesText(fields) });
}

/** Writes the presentation form of NSEC3PARAM. */
export function formatNsec3Param(rdata: Uint8Array): string {
  return formatParam(parseNsec3Param(rdata));
}

/** Writes the presentation form of NSEC3. */
export function formatNsec3(rdata: Uint8Array): string {
  const nsec3 = parseNsec3(rdata);
  return `${formatParam(nsec3)} ${toBase32Hex(nsec3.nextHashed)}${formatTypes(nsec3.types)}`;
}

function readParam(reader: WireReader): Nsec3Param {
  return {
    hashAlgorithm: reader.u8(),
    flags: reader.u8(),
    iterations: reader.u16(),
    salt: reader.bytes(reader.u8()),
  };
}

function writeParam(writer: WireWriter, param: Nsec3Param): void {
  if (param.salt.length > 255) throw malformed('a salt has at most 255 octets');
  writer.u8(param.hashAlgorithm);
  writer.u8(param.flags);
  writer.u16(param.iterations);
  writer.u8(param.salt.length);
  writer.bytes(param.salt);
}

function readParamText(fields: FieldReader): Nsec3Param {
  const hashAlgorithm = fields.integer('hash algorithm', 8);
  const flags = fields.integer('flags', 8);
  const iterations = fields.integer('iterations', 16);
  const text = fields.raw('salt');
  const salt = text === '-' ? new Uint8Array(0) : fromHex(text);
  if (salt === undefined || salt.length > 255)
    throw fields.invalid('the salt is neither hexadecimal nor "-"');
  return { hashAlgorithm, flags, iterations, salt };
}

function formatParam(param: Nsec3Param): string {
  const salt = param.salt.length === 0 ? '-' : toHex(param.salt);
  return `${param.hashAlgorithm} ${param.flags} ${param.iterations} ${salt}`;
}
