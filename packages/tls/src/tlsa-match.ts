// Does a certificate match a set of TLSA records? RFC 6698 section 2.1, RFC 7671 sections 5.1 and 10.
// Usable here is DANE-EE(3) with selectors 0 and 1 and matching types 0, 1 and 2; any record of the set suffices.

import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto';
import type { Tlsa } from '@countersign/dns';
import { assertSpki, spkiOf } from './certificate.js';
import { checkHostname } from './hostname.js';

export type DaneVerdict = 'match' | 'mismatch' | 'absent' | 'unusable' | 'error';

/** What a set of TLSA records says about a chain. */
export interface DaneMatch {
  readonly verdict: DaneVerdict;
  /** Which certificate matched: 0 is the leaf. */
  readonly depth?: number;
  /** The certificate usage of the record that matched. */
  readonly usage?: number;
  /** On a mismatch: what the usable records want, at most four of them, for instance `3 1 1 9f86d081…`. */
  readonly records?: readonly string[];
  /** On a mismatch: what the leaf has for the selectors and matching types of those records. */
  readonly seen?: readonly string[];
  readonly why: string;
}

const daneEe = 3;
/** Records that an explanation shows; a set can hold hundreds. */
const maxShown = 4;
const digestLength: ReadonlyMap<number, number> = new Map([
  [1, 32],
  [2, 64],
]);

/** A record in its three numbers, and enough of its data to tell it from its neighbours. */
function describe({ usage, selector, matchingType, data }: Tlsa): string {
  const hex = Buffer.from(data.subarray(0, 8)).toString('hex');
  return `${usage} ${selector} ${matchingType} ${hex}${data.length > 8 ? '…' : ''}`;
}

/** A record with all of its data; a whole certificate or key as its length and its digest. */
function spell({ usage, selector, matchingType, data }: Tlsa): string {
  const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');
  const whole = (): string =>
    `${data.length} octets with SHA-256 ${hex(createHash('sha256').update(data).digest())}`;
  return `${usage} ${selector} ${matchingType} ${matchingType === 0 ? whole() : hex(data)}`;
}

function explainMismatch(
  usable: readonly Tlsa[],
  association: (selector: number, matchingType: number) => Uint8Array,
): DaneMatch {
  const shown = usable.slice(0, maxShown);
  const records = shown.map(spell);
  const ofLeaf = shown.map((record) =>
    spell({ ...record, data: association(record.selector, record.matchingType) }),
  );
  const seen = [...new Set(ofLeaf)];
  const more = usable.length > shown.length ? `, and ${usable.length - shown.length} more` : '';
  const what =
    usable.length === 1
      ? 'the leaf does not match the one usable TLSA record'
      : `the leaf matches none of the ${usable.length} usable TLSA records`;
  return {
    verdict: 'mismatch',
    records,
    seen,
    why: `${what}: seen ${seen.join(', ')}; wanted ${records.join(' or ')}${more}`,
  };
}

/** Why a record cannot be used, or undefined when it can (RFC 7671 section 4: "usable"). */
function whyUnusable({ usage, selector, matchingType, data }: Tlsa): string | undefined {
  if (usage !== daneEe) return `certificate usage ${usage} is not supported`;
  if (selector !== 0 && selector !== 1) return `selector ${selector} is unknown`;
  if (matchingType === 0) {
    try {
      if (selector === 0) spkiOf(data);
      else assertSpki(data);
      return undefined;
    } catch {
      return `the data is no ${selector === 0 ? 'certificate' : 'public key'}`;
    }
  }
  const wanted = digestLength.get(matchingType);
  if (wanted === undefined) return `matching type ${matchingType} is unknown`;
  return data.length === wanted ? undefined : `the digest has ${data.length} octets, not ${wanted}`;
}

/** The octets of the leaf that a record's selector and matching type ask for; each digest is made once. */
function associationsOf(leaf: Uint8Array): (selector: number, matchingType: number) => Uint8Array {
  const selected = [leaf, spkiOf(leaf)];
  const made = new Map<string, Uint8Array>();
  return (selector, matchingType) => {
    const key = `${selector} ${matchingType}`;
    const known = made.get(key);
    if (known !== undefined) return known;
    const octets = selected[selector] ?? leaf;
    const association =
      matchingType === 0
        ? octets
        : createHash(matchingType === 1 ? 'sha256' : 'sha512')
            .update(octets)
            .digest();
    made.set(key, association);
    return association;
  };
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * Matches a chain against TLSA records.
 *
 * `absent`: there are no records; `unusable`: none of them can be used; `error`: the certificate cannot be read.
 * Every usable record is compared, so that the work does not tell which one matched. Names and dates are not
 * looked at: see `decideDane` and `checkDaneOffline`.
 *
 * @param records the RRset, which must come from a DNSSEC-secure answer
 * @param chain DER certificates, leaf first; DANE-EE looks at the leaf alone
 */
export function matchTlsa(records: readonly Tlsa[], chain: readonly Uint8Array[]): DaneMatch {
  if (records.length === 0) return { verdict: 'absent', why: 'there are no TLSA records' };
  const usable = records.filter((record) => whyUnusable(record) === undefined);
  if (usable.length === 0) {
    const reasons = records.slice(0, maxShown).map((record) => `${describe(record)}: ${whyUnusable(record)}`);
    const what =
      records.length === 1
        ? 'the one TLSA record is not usable'
        : `none of the ${records.length} TLSA records is usable`;
    return { verdict: 'unusable', why: `${what}: ${reasons.join('; ')}` };
  }
  const leaf = chain[0];
  if (leaf === undefined) return { verdict: 'error', why: 'the peer showed no certificate' };
  let association: ReturnType<typeof associationsOf>;
  try {
    association = associationsOf(leaf);
  } catch (error) {
    return { verdict: 'error', why: `the certificate cannot be read: ${String(error)}` };
  }
  const matching = usable.filter((record) =>
    equal(record.data, association(record.selector, record.matchingType)),
  );
  const [match] = matching;
  if (match !== undefined) {
    return {
      verdict: 'match',
      depth: 0,
      usage: match.usage,
      why: `the leaf matches TLSA ${describe(match)}`,
    };
  }
  return explainMismatch(usable, association);
}

/** What `checkDaneOffline` judges. */
export interface OfflineDane {
  /** DER certificates, leaf first. */
  readonly chain: readonly Uint8Array[];
  /** The TLSA base domain, which the certificate must name; needed unless `checkNames` is false. */
  readonly name?: string;
  readonly records: readonly Tlsa[];
  /** Default true: RFC 7671 section 5.1 would skip it, which lets one peer pose as another under its own name. */
  readonly checkNames?: boolean;
}

/**
 * Matches a chain from files against TLSA records, names included. A certificate that matches but does not carry
 * the name is a `mismatch`. Dates do not count for DANE-EE (RFC 7671 section 5.1).
 */
export function checkDaneOffline({ chain, name, records, checkNames = true }: OfflineDane): DaneMatch {
  const match = matchTlsa(records, chain);
  const leaf = chain[0];
  if (match.verdict !== 'match' || leaf === undefined || !checkNames) return match;
  if (name === undefined)
    return { verdict: 'error', why: 'a name is needed, or the name check switched off' };
  try {
    const named = checkHostname(new X509Certificate(leaf), name.replace(/\.$/, ''));
    return named.outcome === 'pass'
      ? match
      : { verdict: 'mismatch', why: `${match.why}, but ${named.detail}` };
  } catch (error) {
    return { verdict: 'error', why: `the certificate cannot be read: ${String(error)}` };
  }
}
