// The keys of service parameters and their names (RFC 9460 section 14.3), with those of DNS-AID, which stand in the
// range for private use until they are assigned.

import { invalidRdata } from '../error.js';

/** Service parameter keys by name. */
export const SvcParamKey = {
  mandatory: 0,
  alpn: 1,
  'no-default-alpn': 2,
  port: 3,
  ipv4hint: 4,
  ech: 5,
  ipv6hint: 6,
  cap: 65400,
  'cap-sha256': 65401,
  bap: 65402,
  policy: 65403,
  realm: 65404,
  sig: 65405,
  'connect-class': 65406,
  'connect-meta': 65407,
  'enroll-uri': 65408,
  'well-known': 65409,
} as const;

const keys = new Map<string, number>(Object.entries(SvcParamKey));
const names = new Map<number, string>(Object.entries(SvcParamKey).map(([name, key]) => [key, name]));

/** The key's name as RFC 9460 or DNS-AID has it, else `keyNNNNN`. */
export function svcParamKeyName(key: number): string {
  return names.get(key) ?? `key${key}`;
}

/** The key's name as zone files of today read it: private keys have none but `keyNNNNN`. */
export function registeredKeyName(key: number): string {
  return key <= SvcParamKey.ipv6hint ? svcParamKeyName(key) : `key${key}`;
}

/**
 * Reads a key's name or `keyNNNNN` (RFC 9460 section 2.1: lower case, no leading zeros).
 *
 * @throws DnsError `ERR_DNS_RDATA_INVALID`
 */
export function parseSvcParamKey(text: string): number {
  const known = keys.get(text);
  if (known !== undefined) return known;
  const digits = /^key(0|[1-9][0-9]{0,4})$/.exec(text)?.[1];
  const key = digits === undefined ? Number.NaN : Number(digits);
  if (key <= 0xffff) return key;
  throw invalidRdata(`not a service parameter key: ${JSON.stringify(text)}; write a known name or keyNNNNN`);
}
