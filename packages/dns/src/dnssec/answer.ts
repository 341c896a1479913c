// Is this reply authentic? Positive answers, wildcards, aliases and proven absence, RRset by RRset
// (RFC 4035 section 5, RFC 5155 section 8, RFC 6672 section 5.3).

import { DnsError } from '../error.js';
import type { Message } from '../message.js';
import { DnsName } from '../name.js';
import { encodeTarget, parseTarget } from '../rdata/target.js';
import type { ResourceRecord } from '../record.js';
import { Rcode, RrClass, RrType, rcodeName, rrTypeName } from '../rrtype.js';
import { closestAnchor } from './anchors.js';
import { findZoneTrust, reachedZone, signatureContext } from './chain.js';
import type { ChainLink, SecurityStatus, ZoneTrust } from './chain-cache.js';
import type { LookupContext } from './context.js';
import { Ede } from './ede.js';
import { negativeTtlOf, proveDenial, proveNoCloserMatch } from './negative.js';
import { findRrset, groupRrsets, type Rrset } from './rrset.js';
import { verifyRrset } from './signature.js';

const maxNameOctets = 255;

/** What one RRset or one absence turned out to be. */
export interface Finding {
  readonly status: SecurityStatus;
  readonly ede: number | undefined;
  readonly why: string;
  readonly links: readonly ChainLink[];
  /** Seconds. */
  readonly ttl: number;
}

/** One step towards the answer. With `next` the name was an alias and the question goes on there. */
export interface AnswerStep {
  readonly finding: Finding;
  readonly rcode: number;
  readonly records: readonly ResourceRecord[];
  readonly next?: DnsName;
}

// A DS belongs to the parent's side of the cut (RFC 4035 section 3.1.4.1).
function zoneSide(name: DnsName, type: number): DnsName {
  return type === RrType.DS ? (name.parent() ?? name) : name;
}

// An outcome holds no longer than the chain that it rests on.
const fromTrust = (context: LookupContext, trust: ZoneTrust, ttl: number): Finding => ({
  status: trust.status,
  ede: trust.status === 'secure' ? undefined : trust.ede,
  why: trust.why,
  links: trust.links,
  ttl: Math.max(0, Math.min(ttl, trust.expires - context.now)),
});

const bogus = (trust: ZoneTrust, ede: number, why: string): Finding => ({
  status: 'bogus',
  ede,
  why,
  links: trust.links,
  ttl: 0,
});

// RFC 4035 section 5.3.1: the signer is the zone of the name, so it stands at or above it. What stands above the
// anchor nearest to the name has no say below it.
function possibleSigners(context: LookupContext, sets: readonly Rrset[], side: DnsName): readonly DnsName[] {
  const top = closestAnchor(context.anchors, side)?.zone ?? DnsName.root;
  const isPossible = (signer: DnsName): boolean => side.isAtOrBelow(signer) && signer.isAtOrBelow(top);
  const [only] = sets.length === 1 && sets[0]?.signatures.length === 1 ? sets[0].signatures : [];
  if (only !== undefined) return isPossible(only.signer) ? [only.signer] : [];
  const signers = new Map<string, DnsName>();
  for (const { signatures } of sets) {
    for (const { signer } of signatures) {
      if (isPossible(signer)) signers.set(signer.key, signer);
    }
  }
  // The lowest first: where two zones sign, the lower is the one that holds the name.
  return [...signers.values()].sort((a, b) => b.labelCount - a.labelCount).slice(0, 3);
}

interface Vouching {
  readonly trust: ZoneTrust;
  /** The zone is one that a signature names. */
  readonly signed: boolean;
}

// Finds the zone that vouches for a name: by the signers that the reply names, or, where it names none, by
// walking down to the name itself.
async function findVouching(
  context: LookupContext,
  signers: readonly DnsName[],
  side: DnsName,
): Promise<Vouching> {
  if (context.negativeAnchors.some((name) => side.isAtOrBelow(name))) {
    const trust = await findZoneTrust(context, side, false);
    if (trust.status !== 'secure') return { trust, signed: false };
  }
  for (const signer of signers) {
    const trust = await findZoneTrust(context, signer, true);
    if (trust.status !== 'secure' || trust.zone.equals(signer)) return { trust, signed: true };
  }
  return { trust: await findZoneTrust(context, side, false), signed: false };
}

// What nearly every answer finds: one signer, whose zone is known to be secure.
function knownVouching(context: LookupContext, [signer, second]: readonly DnsName[]): Vouching | undefined {
  if (signer === undefined || second !== undefined || context.negativeAnchors.length > 0) return undefined;
  const trust = reachedZone(context, signer);
  return trust?.status === 'secure' ? { trust, signed: true } : undefined;
}

async function assessRrset(context: LookupContext, rrset: Rrset, reply: Message): Promise<Finding> {
  const what = () => `the ${rrTypeName(rrset.type)} records of ${rrset.name}`;
  const side = zoneSide(rrset.name, rrset.type);
  const signers = possibleSigners(context, [rrset], side);
  const { trust, signed } = knownVouching(context, signers) ?? (await findVouching(context, signers, side));
  if (trust.status !== 'secure') return fromTrust(context, trust, rrset.ttl);
  if (!signed) {
    const why =
      rrset.signatures.length === 0
        ? `${what()} have no signature, though ${trust.zone} is signed`
        : `${what()} are signed by no zone that holds them`;
    return bogus(trust, Ede.rrsigsMissing, why);
  }
  const keys = signatureContext(context, trust.zone, trust.keys);
  const result = verifyRrset(rrset, keys);
  if (!result.ok) {
    // A stray signature of a zone above does not make bogus what lies below it in an unsigned zone.
    const below = await findZoneTrust(context, side, false);
    if (below.status === 'insecure') return fromTrust(context, below, rrset.ttl);
    return bogus(trust, result.ede, `${what()}: ${result.why}`);
  }
  const { ttl } = result;
  if (result.closestEncloser === undefined) return fromTrust(context, trust, ttl);

  const absence = proveNoCloserMatch(reply, rrset.name, result.closestEncloser, keys);
  if (!absence.proven) {
    if (!absence.insecure) return bogus(trust, absence.ede, absence.why);
    return { ...fromTrust(context, trust, ttl), status: 'insecure', ede: absence.ede, why: absence.why };
  }
  // RFC 5155 section 8.8 with section 6: in an opt-out span an unsigned delegation may stand closer.
  if (absence.optOut) {
    const why = `an opt-out span may hide something closer to ${rrset.name} than the wildcard`;
    return { ...fromTrust(context, trust, ttl), status: 'insecure', why };
  }
  return fromTrust(context, trust, ttl);
}

async function assessAbsence(
  context: LookupContext,
  name: DnsName,
  type: number,
  reply: Message,
): Promise<AnswerStep> {
  const side = zoneSide(name, type);
  const step = (finding: Finding, rcode: number = reply.rcode): AnswerStep => ({
    finding,
    rcode,
    records: [],
  });
  const proofs = groupRrsets(reply.authorities).filter(
    (set) => set.type === RrType.NSEC || set.type === RrType.NSEC3 || set.type === RrType.SOA,
  );
  const signers = possibleSigners(context, proofs, side);
  const { trust, signed } = knownVouching(context, signers) ?? (await findVouching(context, signers, side));
  if (trust.status !== 'secure') return step(fromTrust(context, trust, negativeTtlOf(reply)));
  if (!signed) {
    const why = `the absence of ${name} ${rrTypeName(type)} is not proven, though ${trust.zone} is signed`;
    return step(bogus(trust, Ede.nsecMissing, why));
  }
  const { denial, ede, ttl } = proveDenial(
    reply,
    name,
    type,
    signatureContext(context, trust.zone, trust.keys),
  );
  const secure = (why: string): Finding => ({ ...fromTrust(context, trust, ttl), why });
  const insecure = (code: number | undefined, why: string): Finding => ({
    ...fromTrust(context, trust, ttl),
    status: 'insecure',
    ede: code,
    why,
  });
  switch (denial.proves) {
    case 'insecure':
      return step(insecure(denial.ede, denial.why));
    case 'nothing':
      return step(bogus(trust, ede, `the absence of ${name} ${rrTypeName(type)}: ${denial.why}`));
    case 'nodata':
      return denial.optOut
        ? step(insecure(undefined, `${name} lies in an opt-out span`))
        : step(secure(`${trust.zone} proves that ${name} has no ${rrTypeName(type)}`), Rcode.NOERROR);
    case 'nxdomain':
      if (reply.rcode !== Rcode.NXDOMAIN) {
        return step(bogus(trust, Ede.bogus, `${name} is said to exist, and proven not to`));
      }
      // RFC 5155 section 9.2: an opt-out span does not prove that the name is absent.
      return denial.optOut
        ? step(insecure(undefined, `${name} lies in an opt-out span`))
        : step(secure(`${trust.zone} proves that ${name} does not exist`));
  }
}

function aliasTarget(rrset: Rrset): DnsName {
  const [record, ...more] = rrset.records;
  const isOne = more.every(({ rdata }) => record !== undefined && Buffer.compare(rdata, record.rdata) === 0);
  if (record === undefined || !isOne) {
    throw new DnsError(
      'ERR_DNS_MALFORMED',
      `${rrset.name} has several ${rrTypeName(rrset.type)} records, where only one may stand.`,
    );
  }
  return parseTarget(record.rdata);
}

// RFC 6672 section 2.2: the part of the name above the owner is put before the target; undefined when the two are
// longer than a name may be.
function substitute(name: DnsName, dname: Rrset): DnsName | undefined {
  const target = aliasTarget(dname);
  if (name.wire.length - dname.name.wire.length + target.wire.length > maxNameOctets) return undefined;
  const kept = name.labels.slice(0, name.labelCount - dname.name.labelCount);
  return kept.reduceRight((below, label) => below.prepend(label), target);
}

async function assessDname(
  context: LookupContext,
  name: DnsName,
  type: number,
  dname: Rrset,
  reply: Message,
): Promise<AnswerStep> {
  const finding = await assessRrset(context, dname, reply);
  if (finding.status === 'bogus') return { finding, rcode: Rcode.NOERROR, records: [] };
  const target = substitute(name, dname);
  if (target === undefined) return { finding, rcode: Rcode.YXDOMAIN, records: dname.records };
  // RFC 6672 section 5.3.1: the CNAME of the reply is not signed, so it is made anew from the DNAME.
  const rdata = encodeTarget(target);
  const cname = { name, type: RrType.CNAME, class: RrClass.IN, ttl: dname.ttl, rdata };
  const step = { finding, rcode: Rcode.NOERROR, records: [...dname.records, cname] };
  return type === RrType.CNAME ? step : { ...step, next: target };
}

/** Validates what a reply says about a name and a type, up to the next alias. */
export async function assessAnswer(
  context: LookupContext,
  name: DnsName,
  type: number,
  reply: Message,
): Promise<AnswerStep> {
  const sets = groupRrsets(reply.answers);
  const dname = sets.find(
    (set) => set.type === RrType.DNAME && name.labelCount > set.name.labelCount && name.isAtOrBelow(set.name),
  );
  const isTooLong = reply.rcode === Rcode.YXDOMAIN && dname !== undefined;
  if (reply.rcode !== Rcode.NOERROR && reply.rcode !== Rcode.NXDOMAIN && !isTooLong) {
    const why = `the server answered ${rcodeName(reply.rcode)} for ${name} ${rrTypeName(type)}`;
    const finding: Finding = {
      status: 'indeterminate',
      ede: Ede.noReachableAuthority,
      why,
      links: [],
      ttl: 0,
    };
    return { finding, rcode: reply.rcode, records: [] };
  }
  // A CNAME below a DNAME is the server's own making.
  const direct = dname !== undefined && type === RrType.CNAME ? undefined : findRrset(sets, name, type);
  if (direct !== undefined) {
    const finding = await assessRrset(context, direct, reply);
    return { finding, rcode: Rcode.NOERROR, records: direct.records };
  }
  if (dname !== undefined) return assessDname(context, name, type, dname, reply);
  const cname = findRrset(sets, name, RrType.CNAME);
  if (cname !== undefined) {
    const finding = await assessRrset(context, cname, reply);
    const step = { finding, rcode: Rcode.NOERROR, records: cname.records };
    return finding.status === 'bogus' ? step : { ...step, next: aliasTarget(cname) };
  }
  return assessAbsence(context, name, type, reply);
}

/** True when a reply carries something about a name in its answer section. */
export function speaksOf(reply: Message, name: DnsName): boolean {
  return reply.answers.some(
    (record) => record.name.equals(name) || (record.type === RrType.DNAME && name.isAtOrBelow(record.name)),
  );
}
