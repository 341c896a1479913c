// Which addresses may be dialled: the guard against server-side request forgery. By default only global unicast;
// special-purpose ranges (IANA registries, RFC 6890) and addresses that carry another address inside are refused.

import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { TlsError } from './error.js';

const vetted = Symbol('countersign.vetted-address');

/** An address that passed the guard. Only `createAddressGuard` makes one, so only such an address can be dialled. */
export interface VettedAddress {
  readonly [vetted]: true;
  /** IPv4 dotted decimal or IPv6 in its shortest form. */
  readonly address: string;
  readonly family: 4 | 6;
}

/** What the guard says about one address. */
export type AddressRuling =
  | { readonly allowed: true; readonly address: VettedAddress }
  | { readonly allowed: false; readonly why: string };

/** Judges one address in text form. */
export type AddressGuard = (address: string) => AddressRuling;

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = readonly [Address, number];

// Azure answers instance metadata and platform calls on an address of ordinary unicast space; the metadata
// addresses of other clouds lie in ranges that are refused anyway.
const cloudServices: ReadonlySet<string> = new Set(['168.63.129.16']);

function parseRange(text: string): Range {
  try {
    if (text.includes('/')) return ipaddr.parseCIDR(text);
    // The parser also reads forms such as 127.1, which not everybody takes for the same address.
    if (isIP(text) === 0) throw new RangeError('it is no IP address');
    const address = ipaddr.parse(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch (cause) {
    const message = `allowAddresses: "${text}" is no CIDR such as 10.0.0.0/8`;
    throw new TlsError('ERR_TLS_CONFIG', message, { cause });
  }
}

/** Why an address is not global unicast, or undefined when it is. */
function whySpecial(address: Address): string | undefined {
  const range = address.range();
  if (range !== 'unicast') return `it is ${range}, not global unicast`;
  if (address.kind() === 'ipv4') {
    return cloudServices.has(address.toString()) ? 'it is a cloud platform address' : undefined;
  }
  // RFC 4291 section 2.4 and the IANA registry: 2000::/3 is all of global unicast that is assigned.
  const [first = 0] = address.toByteArray();
  return first >> 5 === 0b001 ? undefined : 'it is outside 2000::/3';
}

/**
 * Makes a guard.
 *
 * @param allow CIDRs that are let through although they are not global unicast, for instance `127.0.0.0/8`. They
 *   compare within one family: `127.0.0.0/8` does not let `::ffff:127.0.0.1` through. Default none.
 * @throws TlsError `ERR_TLS_CONFIG` for text that is no CIDR
 */
export function createAddressGuard(allow: readonly string[] = []): AddressGuard {
  const ranges = allow.map(parseRange);
  return (text) => {
    const family = isIP(text);
    if (family !== 4 && family !== 6) return { allowed: false, why: `${text} is no IP address` };
    const address = ipaddr.parse(text);
    const listed = ranges.some(
      ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
    );
    const why = listed ? undefined : whySpecial(address);
    if (why !== undefined) return { allowed: false, why: `${text} may not be dialled: ${why}` };
    return { allowed: true, address: { [vetted]: true, address: address.toString(), family } };
  };
}
