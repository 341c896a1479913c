// The chain of trust from an anchor down to the zone of a name (RFC 4035 section 5, RFC 6840): at each label
// the parent says, signed, that a zone begins there (DS), that an unsigned one does (no DS, but NS), or that
// none does.

import type { Message } from '../message.js';
import type { DnsName } from '../name.js';
import { type Ds, parseDs } from '../rdata/ds.js';
import { Rcode, RrType, rcodeName, rrTypeName } from '../rrtype.js';
import { algorithmName, digestLength, dsDigest, isSupportedAlgorithm } from './algorithm.js';
import { closestAnchor, type TrustAnchor } from './anchors.js';
import type { ChainLink, SecureZone, Step, UntrustedZone, ZoneTrust } from './chain-cache.js';
import type { LookupContext } from './context.js';
import { Ede } from './ede.js';
import { proveDenial, proveNoCloserMatch } from './negative.js';
import { findRrset, groupRrsets, type Rrset, readOrSkip } from './rrset.js';
import { isUsableZoneKey, type SignatureContext, toZoneKey, verifyRrset, type ZoneKey } from './signature.js';

function untrusted(
  zone: DnsName,
  above: readonly ChainLink[],
  status: UntrustedZone['status'],
  ede: number | undefined,
  why: string,
  expires: number,
): UntrustedZone {
  const link = { zone: `${zone}`, status, anchor: above.length === 0, keyTags: [], algorithms: [], why };
  return { status, ede, why: `${zone}: ${why}`, links: [...above, link], expires };
}

/** The signature context of a zone's own keys in this lookup. */
export function signatureContext(
  context: LookupContext,
  zone: DnsName,
  keys: readonly ZoneKey[],
): SignatureContext {
  const { now, skew, acceptSha1, budget } = context;
  return { zone, keys, now, skew, acceptSha1, budget };
}

const failedReply = (reply: Message): boolean =>
  reply.rcode !== Rcode.NOERROR && reply.rcode !== Rcode.NXDOMAIN;

// RFC 4509 section 3: SHA-1 digests do not count beside stronger ones.
function countingDs(records: readonly Ds[], acceptSha1: boolean): readonly Ds[] {
  const supported = records.filter(
    (ds) => digestLength(ds.digestType) !== undefined && isSupportedAlgorithm(ds.algorithm, acceptSha1),
  );
  const strong = supported.filter((ds) => ds.digestType !== 1);
  return strong.length > 0 ? strong : supported;
}

/** True when a DS vouches for a key of its zone (RFC 4035 section 5.2). */
export function isVouchedFor(key: ZoneKey, ds: Ds, ownerWire: Uint8Array): boolean {
  if (key.tag !== ds.keyTag || key.dnskey.algorithm !== ds.algorithm || !isUsableZoneKey(key)) return false;
  const digest = dsDigest(ds.digestType, ownerWire, key.rdata);
  return digest !== undefined && Buffer.compare(digest, ds.digest) === 0;
}

// A hostile zone has thousands of what an explanation lists.
function someOf(items: readonly string[]): string {
  const different = [...new Set(items)];
  return different.length > 8 ? `${different.slice(0, 8).join(', ')}, …` : different.join(', ');
}

// Fetches a zone's DNSKEY RRset and checks it against what vouches for it (RFC 4035 section 5.2).
async function secureZone(
  context: LookupContext,
  zone: DnsName,
  vouching: readonly Ds[],
  above: readonly ChainLink[],
  expires: number,
): Promise<ZoneTrust> {
  const end = (status: UntrustedZone['status'], ede: number | undefined, why: string) =>
    untrusted(zone, above, status, ede, why, expires);
  const { maxKeysPerZone } = context.budget.limits;
  if (vouching.length > maxKeysPerZone) {
    return end('bogus', Ede.bogus, `it has more than ${maxKeysPerZone} DS records`);
  }
  if (vouching.length === 0)
    return end('bogus', Ede.dnskeyMissing, 'nothing that can be read vouches for it');
  const ds = countingDs(vouching, context.acceptSha1);
  if (ds.length === 0) {
    const digestKnown = vouching.some(({ digestType }) => digestLength(digestType) !== undefined);
    const kinds = vouching.map(({ algorithm, digestType }) => `${algorithmName(algorithm)}/${digestType}`);
    return end(
      'insecure',
      digestKnown ? Ede.unsupportedDnskeyAlgorithm : Ede.unsupportedDsDigest,
      `its DS records use only unsupported algorithms or digests (${someOf(kinds)})`,
    );
  }
  const reply = await context.query(zone, RrType.DNSKEY);
  if (failedReply(reply)) {
    return end(
      'indeterminate',
      Ede.noReachableAuthority,
      `the DNSKEY query was answered ${rcodeName(reply.rcode)}`,
    );
  }
  const rrset = findRrset(groupRrsets(reply.answers), zone, RrType.DNSKEY);
  if (rrset === undefined) return end('bogus', Ede.dnskeyMissing, 'the zone has no DNSKEY records');

  // Keys and digests that share a tag are tried against each other, before any signature is (CVE-2023-50387).
  if (rrset.records.length > maxKeysPerZone) {
    return end('bogus', Ede.bogus, `it has more than ${maxKeysPerZone} DNSKEY records`);
  }
  const keys = rrset.records.flatMap(({ rdata }) => readOrSkip(() => toZoneKey(rdata)) ?? []);
  const ownerWire = zone.canonicalWire();
  const trusted = keys.filter((key) => ds.some((one) => isVouchedFor(key, one, ownerWire)));
  const source = above.length === 0 ? 'trust anchor' : 'DS record';
  if (trusted.length === 0) {
    const wanted = someOf(ds.map(({ keyTag }) => `${keyTag}`));
    return end('bogus', Ede.dnskeyMissing, `no key of the zone matches its ${source} (tag ${wanted})`);
  }
  const result = verifyRrset(rrset, signatureContext(context, zone, trusted));
  if (!result.ok) return end('bogus', result.ede, `its DNSKEY records: ${result.why}`);

  const keyTags = trusted.map(({ tag }) => tag);
  const link: ChainLink = {
    zone: `${zone}`,
    status: 'secure',
    anchor: above.length === 0,
    keyTags,
    algorithms: [...new Set(trusted.map(({ dnskey }) => algorithmName(dnskey.algorithm)))],
    why: `key ${keyTags.join(', ')} matches the ${source} and signs the zone's keys`,
  };
  return {
    status: 'secure',
    zone,
    keys,
    why: `signed by ${zone}`,
    links: [...above, link],
    expires: Math.min(expires, context.now + result.ttl),
  };
}

function readDs(rrset: Rrset): readonly Ds[] {
  return rrset.records.flatMap(({ rdata }) => readOrSkip(() => parseDs(rdata)) ?? []);
}

// What the parent says about one name: asks for its DS and reads the answer or the proof that there is none.
async function descend(context: LookupContext, parent: SecureZone, name: DnsName): Promise<Step> {
  const { links } = parent;
  const end = (status: UntrustedZone['status'], ede: number | undefined, why: string, expires: number) => ({
    kind: 'zone' as const,
    trust: untrusted(name, links, status, ede, why, expires),
  });
  const reply = await context.query(name, RrType.DS);
  if (failedReply(reply)) {
    const why = `the DS query was answered ${rcodeName(reply.rcode)}`;
    return end('indeterminate', Ede.noReachableAuthority, why, context.now);
  }
  const keys = signatureContext(context, parent.zone, parent.keys);
  const sets = groupRrsets(reply.answers);

  const ds = findRrset(sets, name, RrType.DS);
  if (ds !== undefined) {
    const result = verifyRrset(ds, keys);
    if (!result.ok) return end('bogus', result.ede, `its DS records: ${result.why}`, context.now);
    // RFC 4592 section 4.6: a wildcard's DS makes no zones of the names that it matches.
    if (result.closestEncloser !== undefined) {
      return end('bogus', Ede.bogus, 'its DS records come from a wildcard', context.now);
    }
    const expires = Math.min(parent.expires, context.now + result.ttl);
    return { kind: 'zone', trust: await secureZone(context, name, readDs(ds), links, expires) };
  }

  // An alias is no zone cut, and below a DNAME there is nothing (RFC 6672 section 2.4).
  const alias =
    sets.find((set) => set.type === RrType.DNAME && name.isAtOrBelow(set.name) && !name.equals(set.name)) ??
    findRrset(sets, name, RrType.CNAME);
  if (alias !== undefined) {
    const result = verifyRrset(alias, keys);
    const what = `the ${rrTypeName(alias.type)} record at ${alias.name}`;
    if (!result.ok) return end('bogus', result.ede, `${what}: ${result.why}`, context.now);
    if (result.closestEncloser !== undefined) {
      // From a wildcard it counts only where no zone may stand closer.
      const absence = proveNoCloserMatch(reply, alias.name, result.closestEncloser, keys);
      if (!absence.proven && !absence.insecure) {
        return end('bogus', absence.ede, `${what}: ${absence.why}`, context.now);
      }
      if (!absence.proven) return end('insecure', absence.ede, absence.why, context.now);
      if (absence.optOut) {
        return end('insecure', undefined, 'an opt-out span leaves it unsigned', context.now);
      }
    }
    const expires = Math.min(parent.expires, context.now + result.ttl);
    return { kind: alias.type === RrType.CNAME ? 'same' : 'end', expires };
  }

  const { denial, ede, ttl } = proveDenial(reply, name, RrType.DS, keys);
  const expires = Math.min(parent.expires, context.now + ttl);
  if (denial.proves === 'insecure') return end('insecure', denial.ede, denial.why, expires);
  if (denial.proves === 'nothing')
    return end('bogus', ede, `the absence of a DS: ${denial.why}`, context.now);
  if (denial.proves === 'nxdomain') return { kind: 'end', expires };
  if (denial.optOut) return end('insecure', undefined, 'an opt-out span leaves it unsigned', expires);
  return denial.delegation
    ? end('insecure', undefined, 'its parent proves that it has no DS', expires)
    : { kind: 'same', expires };
}

const underscore = 0x5f;
/** Labels below the anchor that the walk asks for side by side. */
const maxZonesAhead = 6;
/** Labels below the anchor that are guessed to be zones: two queries each. */
const maxGuessedZones = 4;
/** The part of a lookup's queries that may be spent on guesses: one in so many. */
const guessesShare = 8;

const stepKey = (name: DnsName): string => `step ${name.key}`;

// Asks for what the walk will need side by side; the walk then finds the answers on their way.
function askAhead(
  context: LookupContext,
  from: DnsName,
  target: DnsName,
  withKeys: boolean,
  zones: number,
): void {
  const last = Math.min(target.labelCount, from.labelCount + zones);
  for (let labels = from.labelCount + 1; labels <= last; labels += 1) {
    const name = target.ancestor(labels);
    const known = context.chainCache.get(stepKey(name), context.now);
    if (known?.kind === 'end' || (known?.kind === 'zone' && known.trust.status !== 'secure')) return;
    if (known !== undefined) continue;
    context.queryAhead(name, RrType.DS);
    if (withKeys) context.queryAhead(name, RrType.DNSKEY);
  }
}

const anchorKey = (anchor: TrustAnchor): string => `anchor ${anchor.zone.key}`;

// Where zones mostly begin: at the second label, and above the host that a service's labels stand before
// (`_443._tcp.host.example.com`).
function likelyZone(name: DnsName): DnsName {
  const { labels } = name;
  const host = labels.findIndex((label) => label[0] !== underscore);
  const above = host < 0 ? 0 : labels.length - host - 1;
  return name.ancestor(Math.min(labels.length, Math.max(2, above)));
}

/**
 * Asks for what the chain to a name most likely needs, before a reply says who signed it. Nothing rests on it: what is
 * asked in vain is never looked at, and takes a small share of the queries that a lookup has.
 */
export function askChainAhead(context: LookupContext, name: DnsName): void {
  const anchor = closestAnchor(context.anchors, name);
  if (anchor === undefined) return;
  if (context.negativeAnchors.some((negative) => name.isAtOrBelow(negative))) return;
  const top = anchor.zone.labelCount;
  const zone = likelyZone(name);
  // A zone that lies deeper than the first delegation is known: most names below it are its own.
  for (let labels = zone.labelCount; labels > top + 1; labels -= 1) {
    if (context.chainCache.get(stepKey(zone.ancestor(labels)), context.now)?.kind === 'zone') return;
  }
  const share = Math.floor(context.budget.limits.maxQueries / guessesShare);
  const most = Math.min(maxGuessedZones, Math.floor((share - 1) / 2));
  if (most < 1) return;
  if (context.chainCache.get(anchorKey(anchor), context.now) === undefined) {
    context.queryAhead(anchor.zone, RrType.DNSKEY);
  }
  if (zone.labelCount > top) askAhead(context, anchor.zone, zone, true, most);
}

async function startAt(context: LookupContext, anchor: TrustAnchor): Promise<ZoneTrust> {
  const key = anchorKey(anchor);
  const cached = context.chainCache.get(key, context.now);
  if (cached?.kind === 'zone') return cached.trust;
  const trust = await secureZone(context, anchor.zone, anchor.ds, [], Number.POSITIVE_INFINITY);
  if (trust.status === 'secure')
    context.chainCache.set(key, { kind: 'zone', trust }, context.now, trust.expires);
  return trust;
}

const mayBeKept = (step: Step): boolean =>
  step.kind !== 'zone' || step.trust.status === 'secure' || step.trust.status === 'insecure';

/**
 * The zone that begins at a name, when an earlier walk came there: nothing between it and the anchor has to be looked
 * at again.
 */
export function reachedZone(context: LookupContext, apex: DnsName): ZoneTrust | undefined {
  const step = context.chainCache.get(stepKey(apex), context.now);
  return step?.kind === 'zone' && step.trust.expires > context.now ? step.trust : undefined;
}

/**
 * Walks the chain of trust to the zone that holds a name.
 *
 * @param likelyZones whether every label down to the name is likely a zone of its own, as for a signer's name:
 *   then their keys are asked for ahead as well
 */
export async function findZoneTrust(
  context: LookupContext,
  target: DnsName,
  likelyZones: boolean,
): Promise<ZoneTrust> {
  const anchor = closestAnchor(context.anchors, target);
  if (anchor === undefined) {
    const why = 'no trust anchor covers it';
    return untrusted(target, [], 'indeterminate', Ede.indeterminate, why, context.now);
  }
  // RFC 7646: below a negative anchor nothing is validated, unless a positive one stands further down.
  const negative = context.negativeAnchors.find(
    (name) => target.isAtOrBelow(name) && name.labelCount >= anchor.zone.labelCount,
  );
  if (negative !== undefined) {
    const why = `a negative trust anchor stands at ${negative}`;
    return untrusted(target, [], 'insecure', undefined, why, Number.POSITIVE_INFINITY);
  }
  const reached = reachedZone(context, target);
  if (reached !== undefined) return reached;
  askAhead(context, anchor.zone, target, likelyZones, maxZonesAhead);
  let trust = await startAt(context, anchor);
  for (let labels = anchor.zone.labelCount + 1; labels <= target.labelCount; labels += 1) {
    if (trust.status !== 'secure') return trust;
    if (trust.links.length > context.budget.limits.maxZones) {
      const why = `the chain is longer than ${context.budget.limits.maxZones} zones`;
      return untrusted(target, trust.links, 'bogus', Ede.bogus, why, context.now);
    }
    const name = target.ancestor(labels);
    const key = stepKey(name);
    const cached = context.chainCache.get(key, context.now);
    const step: Step = cached ?? (await descend(context, trust, name));
    const expires = step.kind === 'zone' ? step.trust.expires : step.expires;
    if (cached === undefined && mayBeKept(step)) context.chainCache.set(key, step, context.now, expires);
    if (step.kind === 'end') return trust;
    if (step.kind === 'zone') trust = step.trust;
  }
  return trust;
}
