// The services behind one owner name: a validated look-up, aliases followed (RFC 9460 section 2.4.2).
// What was not authenticated as the caller requires stops here, with its reason.

import { isCountersignError } from '@countersign/core';
import {
  DnsName,
  isUnproven,
  type Lookup,
  Rcode,
  type Resolver,
  RrType,
  type SecurityStatus,
} from '@countersign/dns';
import { quotePeer } from '@countersign/tls';
import { hostText } from './endpoint.js';
import { readServiceSet, type ServiceRecord } from './service-set.js';

export interface LookupOptions {
  readonly resolver: Resolver;
  /** Refuse answers, and proofs of absence, that are not secure. */
  readonly requireDnssec: boolean;
  /** Ask past every cache. Default false. */
  readonly fresh?: boolean;
  readonly signal?: AbortSignal;
}

export type ServiceLookup =
  | {
      readonly kind: 'services';
      readonly services: readonly ServiceRecord[];
      readonly rejected: readonly string[];
      readonly dnssec: SecurityStatus;
      /** Seconds: the shortest on the way. */
      readonly ttl: number;
    }
  /** No record here, and the look-up says so as surely as is required. */
  | { readonly kind: 'absent'; readonly detail: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly detail: string };

export type SafeLookup =
  | { readonly kind: 'answer'; readonly lookup: Lookup }
  | { readonly kind: 'failed'; readonly reason: string; readonly detail: string };

/** Aliases followed for one name. */
const maxAliases = 8;

const strength: readonly SecurityStatus[] = ['bogus', 'indeterminate', 'insecure', 'secure'];

/** Looks up the services of one owner name, through at most eight aliases. */
export async function lookupServices(owner: string, options: LookupOptions): Promise<ServiceLookup> {
  let name = owner;
  let dnssec: SecurityStatus = 'secure';
  let ttl = Number.POSITIVE_INFINITY;
  const seen = new Set<string>();
  while (seen.size <= maxAliases) {
    seen.add(name);
    const asked = await lookupSafely(name, RrType.SVCB, options);
    if (asked.kind === 'failed') return asked;
    const { lookup } = asked;
    dnssec = weaker(dnssec, lookup.status);
    ttl = Math.min(ttl, lookup.ttl);
    const set = readServiceSet(lookup.answers);
    switch (set.kind) {
      case 'malformed':
        return failed('record_malformed', `the SVCB set at ${name} is malformed: ${quotePeer(set.why)}`);
      case 'absent':
        return { kind: 'absent', detail: `${name} has no SVCB record (${lookup.status})` };
      case 'services':
        return { kind: 'services', services: set.services, rejected: set.rejected, dnssec, ttl };
      case 'alias':
        if (set.target.labelCount === 0) {
          return failed('record_not_found', `${name} is published as not available (alias to the root)`);
        }
        name = hostText(set.target);
        if (seen.has(name))
          return failed('record_malformed', `the aliases of ${owner} loop at ${quotePeer(name)}`);
    }
  }
  return failed('record_malformed', `${owner} is behind more than ${maxAliases} aliases`);
}

/**
 * One look-up whose failures are values: `dnssec_bogus` in every mode, `dnssec_required` where DNSSEC is
 * required and the answer is not secure, `lookup_failed` for a server's error and for an answer whose proof could
 * not be had, `dns_…` when none answers.
 * Only an abort rejects.
 */
export async function lookupSafely(name: string, type: number, options: LookupOptions): Promise<SafeLookup> {
  const { signal } = options;
  signal?.throwIfAborted();
  let lookup: Lookup;
  try {
    lookup = await options.resolver.resolve(DnsName.parse(name), type, {
      fresh: options.fresh ?? false,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    if (isCountersignError(error)) return failed(error.reason, `${name}: ${quotePeer(error.message)}`);
    throw error;
  }
  const why = quotePeer(lookup.why);
  if (lookup.status === 'bogus') return failed('dnssec_bogus', `the answer for ${name} is bogus: ${why}`);
  if (lookup.rcode !== Rcode.NOERROR && lookup.rcode !== Rcode.NXDOMAIN) {
    return failed('lookup_failed', `the look-up of ${name} ended with response code ${lookup.rcode}: ${why}`);
  }
  if (options.requireDnssec && lookup.status !== 'secure') {
    return failed('dnssec_required', `the answer for ${name} is ${lookup.status}, wanted secure: ${why}`);
  }
  // Who can forge an answer can break the query for its proof as well: bogus must not pass for indeterminate.
  if (isUnproven(lookup)) {
    return failed('lookup_failed', `the answer for ${name} could not be validated: ${why}`);
  }
  return { kind: 'answer', lookup };
}

function failed(reason: string, detail: string): { kind: 'failed'; reason: string; detail: string } {
  return { kind: 'failed', reason, detail };
}

function weaker(a: SecurityStatus, b: SecurityStatus): SecurityStatus {
  return strength.indexOf(a) < strength.indexOf(b) ? a : b;
}
