// SVCB and HTTPS: service bindings in wire form (RFC 9460 section 2.2) and presentation form (section 2.1 and
// appendix A).

import { DnsError, malformed } from '../error.js';
import type { DnsName } from '../name.js';
import { WireReader, WireWriter } from '../wire.js';
import { encodeA, encodeAaaa } from './address.js';
import { fromBase64, toBase64 } from './encoding.js';
import { type FieldReader, quoted } from './fields.js';
import { parseSvcParamKey, SvcParamKey } from './svcparamkey.js';
import { decodeSvcParams } from './svcparams.js';

/** The RDATA of SVCB and HTTPS. */
export interface Svcb {
  /** 0 is AliasMode, anything else ServiceMode, the lowest first. */
  readonly priority: number;
  readonly target: DnsName;
  /** Values in wire form by key, ascending. */
  readonly params: ReadonlyMap<number, Uint8Array>;
}

/**
 * Reads the wire form. Values are checked by `decodeSvcParams`.
 *
 * @throws DnsError `ERR_DNS_MALFORMED`: cut off, or keys not strictly ascending
 */
export function parseSvcb(rdata: Uint8Array): Svcb {
  const reader = new WireReader(rdata);
  const priority = reader.u16();
  const target = reader.name();
  const params = new Map<number, Uint8Array>();
  let previous = -1;
  while (reader.remaining > 0) {
    const key = reader.u16();
    if (key <= previous) throw malformed(`service parameter key ${key} is repeated or out of order`);
    previous = key;
    params.set(key, reader.bytes(reader.u16()));
  }
  return { priority, target, params };
}

/**
 * Writes the wire form, parameters in ascending order of their keys.
 *
 * @throws DnsError `ERR_DNS_MALFORMED` for a number or a value that no field can hold, as all encoders do
 */
export function encodeSvcb(svcb: Svcb): Uint8Array {
  const writer = new WireWriter(256);
  writer.u16(svcb.priority);
  writer.name(svcb.target);
  for (const [key, value] of [...svcb.params].sort(([a], [b]) => a - b)) {
    writer.u16(key);
    writer.u16(value.length);
    writer.bytes(value);
  }
  return writer.finish();
}

/** Reads the presentation form, the rules of section 7 and 8 included. */
export function readSvcbText(fields: FieldReader): Uint8Array {
  const priority = fields.integer('priority', 16);
  const target = fields.name('target');
  const params = new Map<number, Uint8Array>();
  while (fields.remaining > 0) {
    const field = fields.raw('service parameter');
    const equalsAt = field.indexOf('=');
    const keyText = equalsAt < 0 ? field : field.slice(0, equalsAt);
    const key = parseSvcParamKey(keyText);
    if (params.has(key)) throw fields.invalid(`${keyText} stands twice`);
    const value = fields.unescape(equalsAt < 0 ? '' : field.slice(equalsAt + 1), `value of ${keyText}`);
    // A key written as keyNNNNN has its value in wire form (section 2.1).
    params.set(key, /^key[0-9]/.test(keyText) ? value : encodeValue(fields, key, keyText, value));
  }
  const svcb = { priority, target, params };
  try {
    decodeSvcParams(params);
    return encodeSvcb(svcb);
  } catch (error) {
    throw fields.invalid(error instanceof DnsError ? error.message : 'the parameters', { cause: error });
  }
}

/** Writes the presentation form, keys as `keyName` has them. */
export function formatSvcb(rdata: Uint8Array, keyName: (key: number) => string): string {
  const svcb = parseSvcb(rdata);
  const params = decodeSvcParams(svcb.params);
  let text = `${svcb.priority} ${svcb.target}`;
  for (const [key, value] of svcb.params) {
    text += ` ${keyName(key)}`;
    if (key === SvcParamKey.mandatory) text += `=${(params.mandatory ?? []).map(keyName).join(',')}`;
    else if (key === SvcParamKey.alpn) text += `=${quoted(joinValues(params.alpn ?? []))}`;
    else if (key === SvcParamKey.port) text += `=${params.port}`;
    else if (key === SvcParamKey.ipv4hint) text += `=${(params.ipv4hint ?? []).join(',')}`;
    else if (key === SvcParamKey.ipv6hint) text += `=${(params.ipv6hint ?? []).join(',')}`;
    else if (key === SvcParamKey.ech) text += `=${toBase64(value)}`;
    else if (value.length > 0) text += `=${quoted(value)}`;
  }
  return text;
}

function encodeValue(fields: FieldReader, key: number, keyText: string, value: Uint8Array): Uint8Array {
  switch (key) {
    case SvcParamKey.mandatory:
      return encodeMandatory(textOf(value));
    case SvcParamKey.alpn:
      return encodeAlpn(fields, value);
    case SvcParamKey.port: {
      const text = textOf(value);
      const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN;
      if (!(port <= 0xffff)) throw fields.invalid(`the port is ${JSON.stringify(text)}`);
      return Uint8Array.of(port >>> 8, port & 0xff);
    }
    case SvcParamKey.ipv4hint:
      return encodeHints(fields, keyText, textOf(value), encodeA);
    case SvcParamKey.ipv6hint:
      return encodeHints(fields, keyText, textOf(value), encodeAaaa);
    case SvcParamKey.ech: {
      const ech = fromBase64(textOf(value));
      if (ech === undefined) throw fields.invalid('the value of ech is not base64');
      return ech;
    }
    default:
      return value;
  }
}

// Order does not matter in text (section 8) and does on the wire.
function encodeMandatory(text: string): Uint8Array {
  const keys = text.split(',').map(parseSvcParamKey);
  const writer = new WireWriter(2 * keys.length);
  for (const key of keys.sort((a, b) => a - b)) writer.u16(key);
  return writer.finish();
}

function encodeAlpn(fields: FieldReader, value: Uint8Array): Uint8Array {
  const writer = new WireWriter(value.length + 1);
  for (const id of splitValues(fields, value)) {
    if (id.length < 1 || id.length > 255) throw fields.invalid('an ALPN protocol id has 1 to 255 octets');
    writer.u8(id.length);
    writer.bytes(Uint8Array.from(id));
  }
  return writer.finish();
}

function encodeHints(
  fields: FieldReader,
  keyText: string,
  text: string,
  encode: (text: string) => Uint8Array | undefined,
): Uint8Array {
  const writer = new WireWriter(16);
  for (const address of text.split(',')) {
    const octets = encode(address);
    if (octets === undefined) throw fields.invalid(`${JSON.stringify(address)} is no address for ${keyText}`);
    writer.bytes(octets);
  }
  return writer.finish();
}

const comma = 0x2c;
const backslash = 0x5c;

// The value-list of appendix A.1: a second round of escapes, in which `\,` and `\\` are the only ones.
function splitValues(fields: FieldReader, list: Uint8Array): readonly (readonly number[])[] {
  let value: number[] = [];
  const values = [value];
  for (let at = 0; at < list.length; at++) {
    let octet = list[at] ?? 0;
    if (octet === comma) {
      value = [];
      values.push(value);
      continue;
    }
    if (octet === backslash) {
      at += 1;
      octet = list[at] ?? 0;
      if (octet !== comma && octet !== backslash) throw fields.invalid('a value-list has a bad escape');
    }
    value.push(octet);
  }
  return values;
}

function joinValues(values: readonly string[]): Uint8Array {
  return Buffer.from(values.map((value) => value.replace(/[\\,]/g, '\\$&')).join(','), 'latin1');
}

function textOf(octets: Uint8Array): string {
  return Buffer.from(octets).toString('latin1');
}
