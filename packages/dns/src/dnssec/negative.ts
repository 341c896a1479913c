// From a reply's authority section to a proof of absence: which NSEC and NSEC3 records are authentic, and what
// they prove together (RFC 4035 section 5.4, RFC 5155 section 8).

import type { Message } from '../message.js';
import type { DnsName } from '../name.js';
import { fromBase32Hex } from '../rdata/encoding.js';
import { parseNsec } from '../rdata/nsec.js';
import { parseNsec3 } from '../rdata/nsec3.js';
import { parseSoa } from '../rdata/soa.js';
import { RrType } from '../rrtype.js';
import { type Denial, type NoCloserMatch, nothing } from './denial.js';
import { denyByNsec, noCloserByNsec, type OwnedNsec } from './denial-nsec.js';
import { denyByNsec3, noCloserByNsec3, type OwnedNsec3 } from './denial-nsec3.js';
import { Ede } from './ede.js';
import { groupRrsets, type Rrset, readOrSkip } from './rrset.js';
import { type SignatureContext, verifyRrset } from './signature.js';

interface Proofs {
  readonly nsec: readonly OwnedNsec[];
  readonly nsec3: readonly OwnedNsec3[];
  /** Seconds the proof may be relied on (RFC 2308, RFC 9077). */
  readonly ttl: number;
  /** Why a record of the proof was not authentic, where one was not. */
  readonly failure: { readonly ede: number; readonly why: string } | undefined;
}

function readNsec(set: Rrset): OwnedNsec | undefined {
  const [record, second] = set.records;
  if (record === undefined || second !== undefined) return undefined;
  const nsec = readOrSkip(() => parseNsec(record.rdata));
  return nsec && { owner: set.name, nsec };
}

function readNsec3(set: Rrset, zone: DnsName): OwnedNsec3 | undefined {
  const [record, second] = set.records;
  const [label] = set.name.labels;
  if (record === undefined || second !== undefined || label === undefined) return undefined;
  if (set.name.labelCount !== zone.labelCount + 1) return undefined;
  // RFC 5155 section 3: the owner's first label is the hash.
  const hash = fromBase32Hex(Buffer.from(label).toString('latin1'));
  const nsec3 = readOrSkip(() => parseNsec3(record.rdata));
  return hash && nsec3 && { hash, nsec3 };
}

function negativeTtl(soa: Rrset): number {
  const [record] = soa.records;
  const parsed = record && readOrSkip(() => parseSoa(record.rdata));
  return parsed === undefined ? 0 : Math.min(soa.ttl, parsed.minimum);
}

/** Seconds for which a negative reply may be kept when nothing in it is signed (RFC 2308 section 5). */
export function negativeTtlOf(reply: Message): number {
  const soa = groupRrsets(reply.authorities).find(({ type }) => type === RrType.SOA);
  return soa === undefined ? 0 : negativeTtl(soa);
}

function collectProofs(reply: Message, keys: SignatureContext): Proofs {
  const nsec: OwnedNsec[] = [];
  const nsec3: OwnedNsec3[] = [];
  let ttl = Number.POSITIVE_INFINITY;
  let failure: Proofs['failure'];
  for (const set of groupRrsets(reply.authorities)) {
    const isSoa = set.type === RrType.SOA;
    if (!isSoa && set.type !== RrType.NSEC && set.type !== RrType.NSEC3) continue;
    if (!set.name.isAtOrBelow(keys.zone)) continue;
    const result = verifyRrset(set, keys);
    if (!result.ok) {
      failure = result;
      continue;
    }
    ttl = Math.min(ttl, isSoa ? Math.min(result.ttl, negativeTtl(set)) : result.ttl);
    // RFC 4035 section 5.3.4 allows only the answer to be expanded: a proof that came from a wildcard is forged.
    if (result.closestEncloser !== undefined) continue;
    if (set.type === RrType.NSEC) {
      const owned = readNsec(set);
      if (owned !== undefined) nsec.push(owned);
    } else if (set.type === RrType.NSEC3) {
      const owned = readNsec3(set, keys.zone);
      if (owned !== undefined) nsec3.push(owned);
    }
  }
  return { nsec, nsec3, ttl: Number.isFinite(ttl) ? ttl : 0, failure };
}

/** A denial, the Extended DNS Error to give when it proves nothing, and its lifetime in seconds. */
export interface ProvenDenial {
  readonly denial: Denial;
  readonly ede: number;
  readonly ttl: number;
}

/**
 * What a negative reply proves about a name and a type, by the records that the zone's own keys signed.
 *
 * @throws DnsError `ERR_DNSSEC_LIMIT` when a cap is passed
 */
export function proveDenial(
  reply: Message,
  name: DnsName,
  type: number,
  keys: SignatureContext,
): ProvenDenial {
  const { nsec, nsec3, ttl, failure } = collectProofs(reply, keys);
  const byNsec = nsec.length > 0 ? denyByNsec(nsec, name, type) : nothing('the reply has no NSEC or NSEC3');
  const denial =
    byNsec.proves === 'nothing' && nsec3.length > 0
      ? denyByNsec3(nsec3, keys.zone, name, type, keys.budget)
      : byNsec;
  if (denial.proves === 'nothing' && failure !== undefined) {
    return { denial: nothing(failure.why), ede: failure.ede, ttl };
  }
  return { denial, ede: Ede.nsecMissing, ttl };
}

/**
 * Whether a reply proves that nothing stands closer to a name than the wildcard that answered for it.
 *
 * @throws DnsError `ERR_DNSSEC_LIMIT` when a cap is passed
 */
export function proveNoCloserMatch(
  reply: Message,
  name: DnsName,
  encloser: DnsName,
  keys: SignatureContext,
): NoCloserMatch {
  const { nsec, nsec3 } = collectProofs(reply, keys);
  const byNsec = noCloserByNsec(nsec, name, encloser);
  return byNsec.proven || nsec3.length === 0 ? byNsec : noCloserByNsec3(nsec3, name, encloser, keys.budget);
}
