// Denial of existence by NSEC3 (RFC 5155 section 8, RFC 9276). Pure: the records that come in are
// authenticated and of one zone; hashes are paid from the lookup's budget (CVE-2023-50868).

import { createHash } from 'node:crypto';
import type { DnsName } from '../name.js';
import type { Nsec3 } from '../rdata/nsec3.js';
import { RrType } from '../rrtype.js';
import { type Denial, denyByBitmap, endsTheZone, type NoCloserMatch, nothing } from './denial.js';
import { Ede } from './ede.js';
import type { Budget } from './limits.js';

const sha1 = 1;
const optOutFlag = 1;

/** An authenticated NSEC3 record; `hash` is its owner's first label, decoded. */
export interface OwnedNsec3 {
  readonly hash: Uint8Array;
  readonly nsec3: Nsec3;
}

/** The NSEC3 hash of a name (RFC 5155 section 5). */
export function nsec3Hash(name: DnsName, salt: Uint8Array, iterations: number): Uint8Array {
  let digest = createHash('sha1').update(name.canonicalWire()).update(salt).digest();
  for (let round = 0; round < iterations; round += 1) {
    digest = createHash('sha1').update(digest).update(salt).digest();
  }
  return digest;
}

interface Prover {
  /** The record whose hash is the name's. */
  at(name: DnsName): Nsec3 | undefined;
  /** The record whose span holds the name's hash. */
  over(name: DnsName): Nsec3 | undefined;
}

const parametersOf = ({ iterations, salt }: Nsec3): string =>
  `${iterations} ${Buffer.from(salt).toString('hex')}`;

// RFC 5155 section 8.1 and 8.2: records with an unknown hash or unknown flags are ignored, and one answer's
// records share one set of parameters.
function usableRecords(records: readonly OwnedNsec3[]): readonly OwnedNsec3[] {
  const known = records.filter(
    ({ nsec3 }) => nsec3.hashAlgorithm === sha1 && (nsec3.flags & ~optOutFlag) === 0,
  );
  const [first] = known;
  if (first === undefined) return [];
  const parameters = parametersOf(first.nsec3);
  return known.filter(({ nsec3 }) => parametersOf(nsec3) === parameters);
}

function createProver(records: readonly OwnedNsec3[], parameters: Nsec3, budget: Budget): Prover {
  const hashes = new Map<string, Uint8Array>();
  const hashOf = (name: DnsName): Uint8Array => {
    const known = hashes.get(name.key);
    if (known !== undefined) return known;
    budget.spendNsec3Hash();
    const hash = nsec3Hash(name, parameters.salt, parameters.iterations);
    hashes.set(name.key, hash);
    return hash;
  };
  return {
    at(name) {
      const hash = hashOf(name);
      return records.find((record) => Buffer.compare(record.hash, hash) === 0)?.nsec3;
    },
    over(name) {
      const hash = hashOf(name);
      return records.find(({ hash: owner, nsec3: { nextHashed: next } }) => {
        const afterOwner = Buffer.compare(owner, hash) < 0;
        const beforeNext = Buffer.compare(hash, next) < 0;
        const isLast = Buffer.compare(next, owner) <= 0;
        return isLast ? afterOwner || beforeNext : afterOwner && beforeNext;
      })?.nsec3;
    },
  };
}

interface ClosestEncloser {
  readonly name: DnsName;
  readonly optOut: boolean;
}

// RFC 5155 section 8.3: the longest ancestor with a matching record, and a span over the next closer name.
function proveClosestEncloser(prover: Prover, zone: DnsName, name: DnsName): ClosestEncloser | undefined {
  for (let labels = name.labelCount - 1; labels >= zone.labelCount; labels -= 1) {
    const candidate = name.ancestor(labels);
    const matching = prover.at(candidate);
    if (matching === undefined) continue;
    if (endsTheZone(matching.types)) return undefined;
    const nextCloser = prover.over(name.ancestor(labels + 1));
    return nextCloser && { name: candidate, optOut: (nextCloser.flags & optOutFlag) !== 0 };
  }
  return undefined;
}

type Opened =
  | { readonly prover: Prover }
  | { readonly prover?: undefined; readonly ede: number; readonly insecure: boolean; readonly why: string };

function open(records: readonly OwnedNsec3[], budget: Budget): Opened {
  const usable = usableRecords(records);
  const [first] = usable;
  if (first === undefined) {
    return { ede: Ede.nsecMissing, insecure: false, why: 'no NSEC3 with a known hash and known flags' };
  }
  const cap = budget.limits.maxNsec3Iterations;
  if (first.nsec3.iterations > cap) {
    return {
      ede: Ede.unsupportedNsec3Iterations,
      insecure: true,
      why: `the zone asks for ${first.nsec3.iterations} NSEC3 iterations, more than ${cap}`,
    };
  }
  return { prover: createProver(usable, first.nsec3, budget) };
}

/**
 * What these NSEC3 records prove about a name and a type.
 *
 * @param zone the zone that signed them
 * @throws DnsError `ERR_DNSSEC_LIMIT` when a cap is passed
 */
export function denyByNsec3(
  records: readonly OwnedNsec3[],
  zone: DnsName,
  name: DnsName,
  type: number,
  budget: Budget,
): Denial {
  const opened = open(records, budget);
  if (opened.prover === undefined) {
    const { ede, insecure, why } = opened;
    return insecure ? { proves: 'insecure', ede, why } : nothing(why);
  }
  const { prover } = opened;
  const atName = prover.at(name);
  if (atName !== undefined) return denyByBitmap(atName.types, type, name.labelCount === 0);

  const encloser = proveClosestEncloser(prover, zone, name);
  if (encloser === undefined) return nothing(`no NSEC3 proves the closest encloser of ${name}`);
  const { optOut } = encloser;
  // RFC 5155 section 8.6: an unsigned delegation may stand in an opt-out span.
  if (type === RrType.DS && optOut) return { proves: 'nodata', delegation: true, optOut };

  const wildcard = encloser.name.prepend('*');
  const atWildcard = prover.at(wildcard);
  if (atWildcard !== undefined) {
    const denial = denyByBitmap(atWildcard.types, type, false);
    return denial.proves === 'nodata' ? { ...denial, delegation: false, optOut } : denial;
  }
  return prover.over(wildcard) === undefined
    ? nothing(`no NSEC3 denies the wildcard ${wildcard}`)
    : { proves: 'nxdomain', optOut };
}

/**
 * Proves that nothing stands closer to a name than the wildcard below `encloser` that answered for it
 * (RFC 5155 section 8.8).
 */
export function noCloserByNsec3(
  records: readonly OwnedNsec3[],
  name: DnsName,
  encloser: DnsName,
  budget: Budget,
): NoCloserMatch {
  const opened = open(records, budget);
  if (opened.prover === undefined) return { proven: false, ...opened };
  const covering = opened.prover.over(name.ancestor(encloser.labelCount + 1));
  return covering === undefined
    ? {
        proven: false,
        insecure: false,
        ede: Ede.nsecMissing,
        why: `no NSEC3 proves that nothing stands closer to ${name} than *.${encloser}`,
      }
    : { proven: true, optOut: (covering.flags & optOutFlag) !== 0 };
}
