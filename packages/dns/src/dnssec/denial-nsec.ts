// Denial of existence by NSEC (RFC 4034 section 4, RFC 4035 section 5.4, RFC 6840 section 4). Pure: the
// records that come in are authenticated and of one zone.

import { compareCanonical, type DnsName } from '../name.js';
import type { Nsec } from '../rdata/nsec.js';
import { type Denial, denyByBitmap, endsTheZone, type NoCloserMatch, nothing } from './denial.js';
import { Ede } from './ede.js';

/** An authenticated NSEC record. */
export interface OwnedNsec {
  readonly owner: DnsName;
  readonly nsec: Nsec;
}

function isBelow(name: DnsName, ancestor: DnsName): boolean {
  return name.labelCount > ancestor.labelCount && name.isAtOrBelow(ancestor);
}

// True when the name falls strictly between the owner and the next name, and the record may speak for it.
function covers({ owner, nsec }: OwnedNsec, name: DnsName): boolean {
  if (isBelow(name, owner) && endsTheZone(nsec.types)) return false;
  if (compareCanonical(owner, name) >= 0) return false;
  const isLast = compareCanonical(nsec.next, owner) <= 0;
  return isLast || compareCanonical(name, nsec.next) < 0;
}

function commonAncestorLabels(a: DnsName, b: DnsName): number {
  let count = Math.min(a.labelCount, b.labelCount);
  while (!a.ancestor(count).equals(b.ancestor(count))) count -= 1;
  return count;
}

// The longest existing ancestor of a covered name: both ends of the span exist, so what the name shares with
// either exists as well.
function closestEncloser(name: DnsName, { owner, nsec }: OwnedNsec): DnsName {
  return name.ancestor(Math.max(commonAncestorLabels(name, owner), commonAncestorLabels(name, nsec.next)));
}

/** What these NSEC records prove about a name and a type. */
export function denyByNsec(records: readonly OwnedNsec[], name: DnsName, type: number): Denial {
  const atName = records.find(({ owner }) => owner.equals(name));
  if (atName !== undefined) return denyByBitmap(atName.nsec.types, type, name.labelCount === 0);

  const covering = records.find((record) => covers(record, name));
  if (covering === undefined) return nothing(`no NSEC stands at ${name} or spans it`);
  // RFC 4035 section 3.1.3.2: an empty non-terminal exists, and owns nothing.
  if (isBelow(covering.nsec.next, name)) return { proves: 'nodata', delegation: false, optOut: false };

  const wildcard = closestEncloser(name, covering).prepend('*');
  const atWildcard = records.find(({ owner }) => owner.equals(wildcard));
  if (atWildcard !== undefined) {
    const denial = denyByBitmap(atWildcard.nsec.types, type, false);
    return denial.proves === 'nodata' ? { ...denial, delegation: false } : denial;
  }
  const overWildcard = records.find((record) => covers(record, wildcard));
  if (overWildcard === undefined) return nothing(`no NSEC denies the wildcard ${wildcard}`);
  return isBelow(overWildcard.nsec.next, wildcard)
    ? { proves: 'nodata', delegation: false, optOut: false }
    : { proves: 'nxdomain', optOut: false };
}

/**
 * Proves that nothing stands closer to a name than the wildcard below `encloser` that answered for it
 * (RFC 4035 section 5.3.4).
 */
export function noCloserByNsec(
  records: readonly OwnedNsec[],
  name: DnsName,
  encloser: DnsName,
): NoCloserMatch {
  const proven = records.some(
    (record) =>
      covers(record, name) &&
      !isBelow(record.nsec.next, name) &&
      closestEncloser(name, record).equals(encloser),
  );
  return proven
    ? { proven, optOut: false }
    : {
        proven,
        insecure: false,
        ede: Ede.nsecMissing,
        why: `no NSEC proves that nothing stands closer to ${name} than *.${encloser}`,
      };
}
