// What a set of authenticated NSEC or NSEC3 records proves about a name and a type: the words that the two
// kinds of proof share. A record may only deny what lies on its own side of a zone cut (RFC 6840 section 4).

import { RrType } from '../rrtype.js';

/** What was proven about one name and type. */
export type Denial =
  | {
      readonly proves: 'nodata';
      /** The name owns NS and no SOA: it is a delegation, seen from above. */
      readonly delegation: boolean;
      /** The proof rests on an opt-out span, below which unsigned delegations may hide (RFC 5155 section 6). */
      readonly optOut: boolean;
    }
  | { readonly proves: 'nxdomain'; readonly optOut: boolean }
  /** The proof costs more than a validator should pay: the zone counts as insecure. */
  | { readonly proves: 'insecure'; readonly ede: number; readonly why: string }
  | { readonly proves: 'nothing'; readonly why: string };

/** What was proven about the absence of anything closer to a name than the wildcard that answered for it. */
export type NoCloserMatch =
  | { readonly proven: true; readonly optOut: boolean }
  | { readonly proven: false; readonly insecure: boolean; readonly ede: number; readonly why: string };

export const nothing = (why: string): Denial => ({ proves: 'nothing', why });

/** True for a type bitmap that stands on the upper side of a zone cut. */
function isDelegation(types: ReadonlySet<number>): boolean {
  return types.has(RrType.NS) && !types.has(RrType.SOA);
}

/** True when a record with this bitmap says nothing about names below its owner: a zone cut or a DNAME. */
export function endsTheZone(types: ReadonlySet<number>): boolean {
  return isDelegation(types) || types.has(RrType.DNAME);
}

/** Reads the type bitmap of the record that stands at the very name (RFC 4035 section 5.4, RFC 5155 section 8.5). */
export function denyByBitmap(types: ReadonlySet<number>, type: number, atRoot: boolean): Denial {
  if (types.has(type)) return nothing('the proof itself says that the type exists');
  if (types.has(RrType.CNAME)) return nothing('the proof says that the name is an alias');
  const delegation = isDelegation(types);
  if (type === RrType.DS) {
    // Only the upper side of the cut knows whether there is a DS; a SOA marks the lower side.
    if (types.has(RrType.SOA) && !atRoot) return nothing('the proof comes from below the zone cut');
  } else if (delegation) {
    return nothing('the proof comes from above the zone cut');
  }
  return { proves: 'nodata', delegation, optOut: false };
}
