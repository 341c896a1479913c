// Which addresses a name has, and how sure that is: A and AAAA through the resolver that was handed in.

import { isUnproven, type Lookup, type Resolver, RrType } from '@countersign/dns';
import ipaddr from 'ipaddr.js';

/** `bogus` wins over everything: an answer that fails validation is an attack, whatever the other family says. */
export type AddressLookup =
  | { readonly status: 'found'; readonly secure: boolean; readonly addresses: readonly string[] }
  | { readonly status: 'none'; readonly why: string; readonly cause?: unknown }
  | { readonly status: 'bogus'; readonly why: string };

// More addresses than this serve no client, but would let an answer make us dial a list.
const maxAddresses = 8;

function addressesIn(lookup: Lookup, type: number, octets: number): string[] {
  // Who can forge an answer can break the query for its proof as well: bogus must not pass for indeterminate.
  if (isUnproven(lookup)) return [];
  return lookup.answers
    .filter((record) => record.type === type && record.rdata.length === octets)
    .map((record) => ipaddr.fromByteArray([...record.rdata]).toString());
}

function interleave(first: readonly string[], second: readonly string[]): string[] {
  const mixed: string[] = [];
  for (let index = 0; index < Math.max(first.length, second.length); index++) {
    mixed.push(...first.slice(index, index + 1), ...second.slice(index, index + 1));
  }
  return mixed;
}

const whyOf = (settled: PromiseSettledResult<Lookup>): string =>
  settled.status === 'rejected' ? String(settled.reason) : settled.value.why;

/**
 * Looks up the addresses of a host, once for each family, IPv6 and IPv4 in turn (RFC 8305 section 4).
 *
 * `secure` means that every answer whose addresses are listed was DNSSEC-secure. One family may fail when the
 * other has addresses. Never rejects: a resolver that fails is `none` with its error as `cause`.
 */
export async function lookupAddresses(
  resolver: Resolver,
  host: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<AddressLookup> {
  const ask = async (type: number): Promise<Lookup> => resolver.resolve(host, type, options);
  const [aaaa, a] = await Promise.allSettled([ask(RrType.AAAA), ask(RrType.A)]);
  for (const answer of [aaaa, a]) {
    if (answer.status === 'fulfilled' && answer.value.status === 'bogus') {
      return { status: 'bogus', why: answer.value.why };
    }
  }
  const six = aaaa.status === 'fulfilled' ? addressesIn(aaaa.value, RrType.AAAA, 16) : [];
  const four = a.status === 'fulfilled' ? addressesIn(a.value, RrType.A, 4) : [];
  const addresses = interleave(six, four).slice(0, maxAddresses);
  if (addresses.length === 0) {
    const why = `AAAA: ${whyOf(aaaa)}; A: ${whyOf(a)}`;
    const failed = [a, aaaa].find((answer) => answer.status === 'rejected');
    return { status: 'none', why, ...(failed?.status === 'rejected' ? { cause: failed.reason } : {}) };
  }
  const isSecure = (answer: PromiseSettledResult<Lookup>): boolean =>
    answer.status === 'fulfilled' && answer.value.status === 'secure';
  const secure = (six.length === 0 || isSecure(aaaa)) && (four.length === 0 || isSecure(a));
  return { status: 'found', secure, addresses };
}
