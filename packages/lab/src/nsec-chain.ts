// The chain of NSEC records by which a zone proves what it does not hold (RFC 4034 section 4).

import { compareCanonical, type DnsName, encodeNsec, RrType } from '@countersign/dns';

/** A name of the zone and the types it holds. */
export interface ChainNode {
  readonly name: DnsName;
  readonly types: Iterable<number>;
}

/** A link of the chain: the owner and its NSEC RDATA. */
export interface ChainLink {
  readonly name: DnsName;
  readonly rdata: Uint8Array;
}

/**
 * Links the names of a zone in canonical order, the last one back to the apex.
 *
 * @param apex the zone's own name, which must be among the nodes
 * @param nodes names that the zone is authoritative for or delegates; glue and empty non-terminals have no NSEC
 */
export function nsecChain(apex: DnsName, nodes: readonly ChainNode[]): ChainLink[] {
  const ordered = [...nodes].sort((a, b) => compareCanonical(a.name, b.name));
  return ordered.map((node, index) => ({
    name: node.name,
    rdata: encodeNsec({ next: ordered[index + 1]?.name ?? apex, types: bitmap(apex, node) }),
  }));
}

/**
 * At a delegation the parent speaks for NS, DS and the proof only; whatever else stands there is the child's
 * (RFC 4035 section 2.3).
 */
function bitmap(apex: DnsName, node: ChainNode): Set<number> {
  const held = [...node.types];
  const delegation = held.includes(RrType.NS) && !node.name.equals(apex);
  const spoken = delegation ? held.filter((type) => type === RrType.NS || type === RrType.DS) : held;
  return new Set([...spoken, RrType.RRSIG, RrType.NSEC]);
}
