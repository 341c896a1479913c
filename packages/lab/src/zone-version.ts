// One signed state of a zone, and the look-ups that an authoritative server makes in it (RFC 1034 section
// 4.3.2, RFC 4035 section 3.1). Never changes: an edit of the zone makes a new version.

import { compareCanonical, type DnsName, RrType } from '@countersign/dns';
import type { SignedRrset } from './rrset.js';

/** A name that holds records. */
export interface ZoneNode {
  readonly name: DnsName;
  readonly rrsets: ReadonlyMap<number, SignedRrset>;
}

/** A zone at one moment: every set of records with its signatures. */
export class ZoneVersion {
  readonly #nodes = new Map<string, ZoneNode>();
  readonly #withDescendants = new Set<string>();
  readonly #proofs: readonly SignedRrset[];

  /**
   * @param origin the zone's apex
   * @param nodes every name with its records
   */
  constructor(
    readonly origin: DnsName,
    nodes: readonly ZoneNode[],
  ) {
    for (const node of nodes) {
      this.#nodes.set(node.name.key, node);
      for (let count = node.name.labelCount - 1; count >= origin.labelCount; count -= 1) {
        this.#withDescendants.add(node.name.ancestor(count).key);
      }
    }
    this.#proofs = nodes
      .flatMap((node) => node.rrsets.get(RrType.NSEC) ?? [])
      .sort((a, b) => compareCanonical(a.name, b.name));
  }

  node(name: DnsName): ZoneNode | undefined {
    return this.#nodes.get(name.key);
  }

  /** True for a name that holds records and for an empty one between such a name and the apex. */
  exists(name: DnsName): boolean {
    return this.#nodes.has(name.key) || this.#withDescendants.has(name.key);
  }

  /** The delegation at or above a name: below the apex, the highest name with NS records. */
  delegation(name: DnsName): ZoneNode | undefined {
    for (let count = this.origin.labelCount + 1; count <= name.labelCount; count += 1) {
      const node = this.node(name.ancestor(count));
      if (node?.rrsets.has(RrType.NS) === true) return node;
    }
    return undefined;
  }

  /** The longest existing ancestor of a name that does not exist. */
  closestEncloser(name: DnsName): DnsName {
    let count = name.labelCount - 1;
    while (count > this.origin.labelCount && !this.exists(name.ancestor(count))) count -= 1;
    return name.ancestor(count);
  }

  /** The NSEC at a name or over the gap that it falls into; undefined in an unsigned zone. */
  proof(name: DnsName): SignedRrset | undefined {
    return this.#proofs.findLast((nsec) => compareCanonical(nsec.name, name) <= 0);
  }
}
