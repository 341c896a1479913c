// What can go wrong between a question and a parsed answer, each with a stable code.
// A bogus or insecure answer is not an error: it is a status of the lookup.

import { CountersignError } from '@countersign/core';

/**
 * The codes of a `DnsError`.
 *
 * - `ERR_DNS_NAME_INVALID`: a domain name that cannot be written on the wire (RFC 1035 section 2.3.4).
 * - `ERR_DNS_MALFORMED`: octets that are no DNS message, or RDATA that breaks the rules of its type.
 * - `ERR_DNS_RDATA_INVALID`: text that is not the presentation form of the type.
 * - `ERR_DNS_TIMEOUT`: nobody answered in time.
 * - `ERR_DNS_UNREACHABLE`: no server could be reached.
 * - `ERR_DNS_UNAUTHENTICATED`: a server over TLS or HTTPS did not prove to be the one that was configured.
 * - `ERR_DNS_CONFIG`: an option that cannot work.
 * - `ERR_DNS_TYPE`: a type that names no RRset, so that it cannot be looked up and validated.
 * - `ERR_DNSSEC_BOGUS`: keys that no trust anchor vouches for, where they were to become anchors themselves.
 * - `ERR_DNSSEC_LIMIT`: a validation would cost more than its limits allow.
 */
export type DnsErrorCode =
  | 'ERR_DNS_NAME_INVALID'
  | 'ERR_DNS_MALFORMED'
  | 'ERR_DNS_RDATA_INVALID'
  | 'ERR_DNS_TIMEOUT'
  | 'ERR_DNS_UNREACHABLE'
  | 'ERR_DNS_UNAUTHENTICATED'
  | 'ERR_DNS_CONFIG'
  | 'ERR_DNS_TYPE'
  | 'ERR_DNSSEC_BOGUS'
  | 'ERR_DNSSEC_LIMIT';

/** An error of this package. */
export class DnsError extends CountersignError {
  override readonly name: string = 'DnsError';

  constructor(code: DnsErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** The error of octets that break the wire format. */
export function malformed(message: string): DnsError {
  return new DnsError('ERR_DNS_MALFORMED', message);
}

/** The error of text that is no presentation form. */
export function invalidRdata(message: string, options?: ErrorOptions): DnsError {
  return new DnsError('ERR_DNS_RDATA_INVALID', message, options);
}
