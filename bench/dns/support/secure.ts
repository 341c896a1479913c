// A look-up that has to come out secure: what is fast because it failed is no measure.

import type { DnsName, Lookup, Resolver } from '@countersign/dns';

export async function secure(
  resolver: Resolver,
  name: DnsName | string,
  type: number,
  fresh = false,
): Promise<Lookup> {
  const lookup = await resolver.resolve(name, type, { fresh });
  if (lookup.status !== 'secure') throw new Error(`${name} is ${lookup.status}: ${lookup.why}`);
  return lookup;
}
