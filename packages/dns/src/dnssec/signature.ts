// Does this signature make this RRset authentic? RFC 4035 section 5.3 with the corrections of RFC 6840. Pure:
// octets, keys and the time go in, a verdict comes out.

import type { KeyObject } from 'node:crypto';
import type { DnsName } from '../name.js';
import { canonicalRdata } from '../rdata/canonical.js';
import { type Dnskey, keyTag, parseDnskey } from '../rdata/dnskey.js';
import type { Rrsig } from '../rdata/rrsig.js';
import { RrClass } from '../rrtype.js';
import { importPublicKey, isSupportedAlgorithm, verifySignature } from './algorithm.js';
import { Ede } from './ede.js';
import type { Budget } from './limits.js';
import type { Rrset } from './rrset.js';

const zoneKeyFlag = 0x0100;
const revokeFlag = 0x0080;

/** A zone's key, imported when it first serves. */
export interface ZoneKey {
  readonly tag: number;
  readonly dnskey: Dnskey;
  readonly rdata: Uint8Array;
  readonly publicKey: KeyObject | undefined;
}

export function toZoneKey(octets: Uint8Array): ZoneKey {
  // Keys are kept for long: a copy, lest each keeps the whole message that it came in.
  const rdata = Uint8Array.from(octets);
  const dnskey = parseDnskey(rdata);
  let imported: { readonly key: KeyObject | undefined } | undefined;
  return {
    tag: keyTag(rdata),
    dnskey,
    rdata,
    get publicKey() {
      imported ??= { key: importPublicKey(dnskey) };
      return imported.key;
    },
  };
}

/** RFC 5011 section 2.1. */
export function isRevoked({ dnskey }: ZoneKey): boolean {
  return (dnskey.flags & revokeFlag) !== 0;
}

/** RFC 4034 section 2.1: only zone keys of protocol 3 sign zone data; RFC 5011 section 2.1: a revoked one does not. */
export function isUsableZoneKey({ dnskey }: ZoneKey): boolean {
  return (dnskey.flags & (zoneKeyFlag | revokeFlag)) === zoneKeyFlag && dnskey.protocol === 3;
}

export interface SignatureContext {
  readonly keys: readonly ZoneKey[];
  /** The zone whose keys these are: the only acceptable signer. */
  readonly zone: DnsName;
  /** Seconds since the epoch. */
  readonly now: number;
  /** Seconds of clock skew that inception and expiration are given. */
  readonly skew: number;
  readonly acceptSha1: boolean;
  /** Lets revoked keys sign: only to see that a key revoked itself. Default false. */
  readonly acceptRevoked?: boolean;
  readonly budget: Budget;
}

export type SignatureResult =
  | {
      readonly ok: true;
      /** Seconds the RRset may be relied on: its TTL, the original TTL and the signature's remaining life. */
      readonly ttl: number;
      /** For an answer expanded from a wildcard: the name below which the `*` stood. */
      readonly closestEncloser?: DnsName;
    }
  | { readonly ok: false; readonly ede: number; readonly why: string };

// RFC 1982 serial arithmetic: the time stamps wrap in 2106.
const isAfter = (a: number, b: number): boolean => ((a - b) | 0) > 0;

// RFC 4034 section 3.1.3: neither the root nor a leading `*` counts.
const signedLabelCount = (name: DnsName): number => name.labelCount - (name.isWildcard ? 1 : 0);

const timeText = (seconds: number): string => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;

function timeFailure(rrsig: Rrsig, { now, skew }: SignatureContext): SignatureResult | undefined {
  if (isAfter(rrsig.inception, rrsig.expiration)) {
    return {
      ok: false,
      ede: Ede.signatureExpiredBeforeValid,
      why: 'the signature expires before it becomes valid',
    };
  }
  if (isAfter(now - skew, rrsig.expiration)) {
    return {
      ok: false,
      ede: Ede.signatureExpired,
      why: `the signature expired at ${timeText(rrsig.expiration)}, it is ${timeText(now)}`,
    };
  }
  if (isAfter(rrsig.inception, now + skew)) {
    return {
      ok: false,
      ede: Ede.signatureNotYetValid,
      why: `the signature is not valid before ${timeText(rrsig.inception)}, it is ${timeText(now)}`,
    };
  }
  return undefined;
}

// RFC 4034 section 6.3: in canonical order, duplicates counted once.
function canonicalRdatas({ type, records }: Rrset): readonly Uint8Array[] {
  const rdatas = records.map(({ rdata }) => canonicalRdata(type, rdata));
  if (rdatas.length === 1) return rdatas;
  return rdatas.sort(Buffer.compare).filter((rdata, index, all) => {
    const previous = all[index - 1];
    return previous === undefined || Buffer.compare(previous, rdata) !== 0;
  });
}

/** The octets that a signature is made over (RFC 4034 section 3.1.8.1). */
export function signedData(rrset: Rrset, rrsig: Rrsig): Uint8Array {
  // A name's key is its canonical wire form, one octet a character, and is made once a name.
  const signer = rrsig.signer.key;
  const isExpanded = rrsig.labels < signedLabelCount(rrset.name);
  const owner = isExpanded ? rrset.name.ancestor(rrsig.labels).prepend('*').key : rrset.name.key;
  const rdatas = canonicalRdatas(rrset);
  const size = 18 + signer.length + rdatas.reduce((sum, rdata) => sum + owner.length + 10 + rdata.length, 0);
  const data = Buffer.allocUnsafe(size);
  let at = data.writeUInt16BE(rrsig.typeCovered, 0);
  at = data.writeUInt8(rrsig.algorithm, at);
  at = data.writeUInt8(rrsig.labels, at);
  at = data.writeUInt32BE(rrsig.originalTtl, at);
  at = data.writeUInt32BE(rrsig.expiration, at);
  at = data.writeUInt32BE(rrsig.inception, at);
  at = data.writeUInt16BE(rrsig.keyTag, at);
  at += data.write(signer, at, 'latin1');
  for (const rdata of rdatas) {
    at += data.write(owner, at, 'latin1');
    at = data.writeUInt16BE(rrset.type, at);
    at = data.writeUInt16BE(RrClass.IN, at);
    at = data.writeUInt32BE(rrsig.originalTtl, at);
    at = data.writeUInt16BE(rdata.length, at);
    data.set(rdata, at);
    at += rdata.length;
  }
  return data;
}

function verifyOne(
  rrset: Rrset,
  rrsig: Rrsig,
  context: SignatureContext,
  trySpend: () => boolean,
): SignatureResult {
  const labels = signedLabelCount(rrset.name);
  if (rrsig.labels > labels) {
    return { ok: false, ede: Ede.bogus, why: 'the signature counts more labels than the name has' };
  }
  if (rrsig.labels < context.zone.labelCount) {
    return { ok: false, ede: Ede.bogus, why: 'the signature is for a wildcard above its own zone' };
  }
  if (!isSupportedAlgorithm(rrsig.algorithm, context.acceptSha1)) {
    return {
      ok: false,
      ede: Ede.unsupportedDnskeyAlgorithm,
      why: `signature algorithm ${rrsig.algorithm} is not supported`,
    };
  }
  const outOfTime = timeFailure(rrsig, context);
  if (outOfTime !== undefined) return outOfTime;

  const tagged = context.keys.filter(
    (key) => key.tag === rrsig.keyTag && key.dnskey.algorithm === rrsig.algorithm,
  );
  if (tagged.length === 0) {
    return {
      ok: false,
      ede: Ede.dnskeyMissing,
      why: `the zone has no key with tag ${rrsig.keyTag} and algorithm ${rrsig.algorithm}`,
    };
  }
  const usable = context.acceptRevoked === true ? tagged : tagged.filter(isUsableZoneKey);
  if (usable.length === 0) {
    return {
      ok: false,
      ede: Ede.noZoneKeyBitSet,
      why: `key ${rrsig.keyTag} is revoked or no zone key of protocol 3`,
    };
  }
  const data = signedData(rrset, rrsig);
  for (const { publicKey } of usable) {
    if (!trySpend()) return { ok: false, ede: Ede.bogus, why: 'too many signatures and keys for one RRset' };
    if (publicKey !== undefined && verifySignature(rrsig.algorithm, publicKey, data, rrsig.signature)) {
      const life = (rrsig.expiration + context.skew - context.now) >>> 0;
      const ttl = Math.min(rrset.ttl, rrsig.originalTtl, life);
      return rrsig.labels < labels
        ? { ok: true, ttl, closestEncloser: rrset.name.ancestor(rrsig.labels) }
        : { ok: true, ttl };
    }
  }
  return { ok: false, ede: Ede.bogus, why: `the signature of key ${rrsig.keyTag} does not verify` };
}

/**
 * Checks an RRset against a zone's keys: one valid signature by the zone suffices (RFC 4035 section 5.3.3,
 * RFC 6840 section 5.4).
 *
 * @throws DnsError `ERR_DNSSEC_LIMIT` when a cap is passed
 */
export function verifyRrset(rrset: Rrset, context: SignatureContext): SignatureResult {
  let failure: SignatureResult | undefined;
  let checks = 0;
  const trySpend = () => {
    context.budget.spendSignatureCheck();
    checks += 1;
    return checks <= context.budget.limits.maxSignatureChecksPerRrset;
  };
  for (const rrsig of rrset.signatures) {
    if (!rrsig.signer.equals(context.zone)) continue;
    const result = verifyOne(rrset, rrsig, context, trySpend);
    if (result.ok) return result;
    failure = result;
    // What is left would be prepared at a cost, and then not be checked.
    if (checks > context.budget.limits.maxSignatureChecksPerRrset) break;
  }
  return failure ?? { ok: false, ede: Ede.rrsigsMissing, why: `no signature by ${context.zone}` };
}
