// The values of service parameters and their rules (RFC 9460 sections 7 and 8), from wire form to meaning.

import { malformed } from '../error.js';
import { WireReader } from '../wire.js';
import { parseA, parseAaaa } from './address.js';
import { SvcParamKey, svcParamKeyName } from './svcparamkey.js';

/** Service parameters as what they mean. */
export interface SvcParams {
  /** The keys that a client must know in order to use the record, ascending (section 8). */
  readonly mandatory?: readonly number[];
  /** ALPN protocol ids, one character an octet. */
  readonly alpn?: readonly string[];
  readonly noDefaultAlpn: boolean;
  readonly port?: number;
  readonly ipv4hint?: readonly string[];
  readonly ipv6hint?: readonly string[];
  /** An ECHConfigList (section 7.3), not looked into. */
  readonly ech?: Uint8Array;
  /**
   * Any parameter's value as UTF-8 text; undefined when the parameter is absent.
   *
   * @throws DnsError `ERR_DNS_MALFORMED` when it is not UTF-8
   */
  text(key: number): string | undefined;
}

/**
 * Reads the parameters that RFC 9460 defines; all others are reached by `text`.
 *
 * @param params values by key in wire form, as `parseSvcb` gives them
 * @throws DnsError `ERR_DNS_MALFORMED` for a value that breaks the rules of its key, or parameters that
 *   contradict each other
 */
export function decodeSvcParams(params: ReadonlyMap<number, Uint8Array>): SvcParams {
  const value = <T>(key: number, decode: (octets: Uint8Array) => T): T | undefined => {
    const octets = params.get(key);
    return octets === undefined ? undefined : decode(octets);
  };
  const mandatory = value(SvcParamKey.mandatory, (octets) => decodeMandatory(octets, params));
  const alpn = value(SvcParamKey.alpn, decodeAlpn);
  const noDefaultAlpn = value(SvcParamKey['no-default-alpn'], decodeNoDefaultAlpn) ?? false;
  // Section 7.1.1: without `alpn` it would leave the client nothing to speak.
  if (noDefaultAlpn && alpn === undefined) throw malformed('no-default-alpn stands without alpn');
  const port = value(SvcParamKey.port, decodePort);
  const ipv4hint = value(SvcParamKey.ipv4hint, (octets) => decodeHints(octets, 4, 'ipv4hint', parseA));
  const ipv6hint = value(SvcParamKey.ipv6hint, (octets) => decodeHints(octets, 16, 'ipv6hint', parseAaaa));
  const ech = value(SvcParamKey.ech, decodeEch);
  return {
    ...(mandatory && { mandatory }),
    ...(alpn && { alpn }),
    noDefaultAlpn,
    ...(port !== undefined && { port }),
    ...(ipv4hint && { ipv4hint }),
    ...(ipv6hint && { ipv6hint }),
    ...(ech && { ech }),
    text: (key) => value(key, (octets) => decodeText(octets, key)),
  };
}

function decodeMandatory(octets: Uint8Array, params: ReadonlyMap<number, Uint8Array>): readonly number[] {
  const reader = new WireReader(octets);
  const keys: number[] = [];
  let previous = -1;
  do {
    const key = reader.u16();
    if (key === SvcParamKey.mandatory) throw malformed('mandatory lists itself');
    if (key <= previous) throw malformed(`mandatory lists ${svcParamKeyName(key)} twice or out of order`);
    if (!params.has(key)) throw malformed(`mandatory lists ${svcParamKeyName(key)}, which is not there`);
    keys.push(key);
    previous = key;
  } while (reader.remaining > 0);
  return keys;
}

function decodeAlpn(octets: Uint8Array): readonly string[] {
  const reader = new WireReader(octets);
  const ids: string[] = [];
  do {
    const length = reader.u8();
    if (length === 0) throw malformed('alpn has an empty protocol id');
    ids.push(String.fromCharCode(...reader.bytes(length)));
  } while (reader.remaining > 0);
  return ids;
}

function decodeNoDefaultAlpn(octets: Uint8Array): boolean {
  if (octets.length > 0) throw malformed('no-default-alpn has a value');
  return true;
}

function decodePort(octets: Uint8Array): number {
  const reader = new WireReader(octets);
  const port = reader.u16();
  reader.finish('the port parameter');
  return port;
}

function decodeHints(
  octets: Uint8Array,
  size: number,
  what: string,
  text: (octets: Uint8Array) => string,
): readonly string[] {
  const reader = new WireReader(octets);
  if (octets.length % size !== 0 || octets.length === 0) {
    throw malformed(`${what} of ${octets.length} octets, not of whole addresses`);
  }
  const hints: string[] = [];
  while (reader.remaining > 0) hints.push(text(reader.bytes(size)));
  return hints;
}

function decodeEch(octets: Uint8Array): Uint8Array {
  if (octets.length === 0) throw malformed('ech has no value');
  return octets;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeText(octets: Uint8Array, key: number): string {
  try {
    return utf8.decode(octets);
  } catch {
    throw malformed(`the value of ${svcParamKeyName(key)} is not UTF-8 text`);
  }
}
