// The TLSA records of a service and what DNSSEC says about them: RFC 6698 section 3 (the owner name), RFC 7671
// section 4 and RFC 6698 section 4.1 (only a secure answer counts).

import { type Lookup, parseTlsa, type Resolver, RrType, type Tlsa } from '@countersign/dns';

/** A TLSA answer by its standing. An empty `secure` one is proven absence; `failed` is no answer at all. */
export type TlsaLookup =
  | {
      readonly status: 'secure';
      /** The name that was asked for: see `tlsaOwner`. */
      readonly owner: string;
      readonly records: readonly Tlsa[];
      /** Seconds for which the answer holds. */
      readonly ttl: number;
    }
  | { readonly status: 'insecure' | 'bogus'; readonly owner: string; readonly why: string }
  | { readonly status: 'failed'; readonly owner: string; readonly why: string; readonly cause?: unknown };

/** The name at which the TLSA records of a service over TCP stand, for instance `_443._tcp.chat.example.com`. */
export function tlsaOwner(host: string, port: number): string {
  return `_${port}._tcp.${host}`;
}

function readTlsa(rdata: Uint8Array): Tlsa {
  try {
    return parseTlsa(rdata);
  } catch {
    // Present but unreadable is not absent: usage 255 (PrivCert) keeps it in the set as an unusable record.
    return { usage: 255, selector: 255, matchingType: 255, data: rdata };
  }
}

/**
 * Asks for the TLSA records of HOST:PORT over TCP. Never rejects: what goes wrong is `failed` with the error as
 * `cause`, for the mode to rule on.
 */
export async function lookupTlsa(
  resolver: Resolver,
  host: string,
  port: number,
  options: { readonly signal?: AbortSignal } = {},
): Promise<TlsaLookup> {
  const owner = tlsaOwner(host, port);
  let lookup: Lookup;
  try {
    lookup = await resolver.resolve(owner, RrType.TLSA, options);
  } catch (cause) {
    return { status: 'failed', owner, why: `the TLSA lookup failed: ${String(cause)}`, cause };
  }
  const why = `${lookup.status}: ${lookup.why}`;
  switch (lookup.status) {
    case 'secure': {
      const records = lookup.answers.filter((record) => record.type === RrType.TLSA);
      return {
        status: 'secure',
        owner,
        records: records.map(({ rdata }) => readTlsa(rdata)),
        ttl: lookup.ttl,
      };
    }
    case 'insecure':
    case 'bogus':
      return { status: lookup.status, owner, why };
    case 'indeterminate':
      return { status: 'failed', owner, why };
  }
}
