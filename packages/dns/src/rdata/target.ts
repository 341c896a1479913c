// The types whose RDATA is one domain name: NS, CNAME, PTR (RFC 1035 section 3.3) and DNAME (RFC 6672).

import { DnsName } from '../name.js';
import type { FieldReader } from './fields.js';

/**
 * Reads the RDATA of NS, CNAME, PTR or DNAME.
 *
 * @throws DnsError `ERR_DNS_MALFORMED`
 */
export function parseTarget(rdata: Uint8Array): DnsName {
  return DnsName.fromWire(rdata);
}

/** Writes the RDATA of NS, CNAME, PTR or DNAME. */
export function encodeTarget(target: DnsName): Uint8Array {
  return new Uint8Array(target.wire);
}

/** Reads the presentation form. */
export function readTargetText(fields: FieldReader): Uint8Array {
  return encodeTarget(fields.name('target'));
}

/** Writes the presentation form. */
export function formatTarget(rdata: Uint8Array): string {
  return parseTarget(rdata).toString();
}
