// Trust anchors: where a chain of trust begins (RFC 4033 section 2). The root's stand here; others are read
// from lines of DS or DNSKEY records, several a zone and for any zone.

import { isDeepStrictEqual } from 'node:util';
import { DnsError } from '../error.js';
import { DnsName } from '../name.js';
import { keyTag, parseDnskey } from '../rdata/dnskey.js';
import { type Ds, parseDs } from '../rdata/ds.js';
import { parseRdata } from '../rdata/presentation.js';
import { RrType } from '../rrtype.js';
import { digestLength, dsDigest } from './algorithm.js';

const sha256 = 2;
const maxAnchorText = 1_000_000;
const maxRecordText = 10_000;

/** A zone whose keys are trusted because somebody said so: any key that one of the digests matches. */
export interface TrustAnchor {
  readonly zone: DnsName;
  readonly ds: readonly Ds[];
}

const rootDs = (rdata: string): Ds => parseDs(parseRdata(RrType.DS, rdata));

/** The root zone's anchors as IANA publishes them: KSK-2017 (tag 20326) and KSK-2024 (tag 38696). */
export const rootAnchors: readonly TrustAnchor[] = [
  {
    zone: DnsName.root,
    ds: [
      rootDs('20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D'),
      rootDs('38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16'),
    ],
  },
];

/** The DS of a key with SHA-256: a DNSKEY anchor becomes the digest of itself, so that there is one kind to match. */
export function dsOfKey(zone: DnsName, rdata: Uint8Array): Ds {
  const digest = dsDigest(sha256, zone.canonicalWire(), rdata);
  if (digest === undefined) throw new DnsError('ERR_DNS_CONFIG', 'SHA-256 is not available.');
  return { keyTag: keyTag(rdata), algorithm: parseDnskey(rdata).algorithm, digestType: sha256, digest };
}

function invalidLine(line: string, number: number, cause?: unknown): DnsError {
  const shown = line.length > 60 ? `${line.slice(0, 60)}…` : line;
  return new DnsError(
    'ERR_DNS_CONFIG',
    `Line ${number} of the trust anchors is not a DS or DNSKEY record ("${shown}"). ` +
      'Write one record a line, for instance ". IN DS 20326 8 2 E06D…".',
    { cause },
  );
}

function parseLine(line: string, number: number): { zone: DnsName; ds: Ds } {
  const match = /^(\S+)\s+(?:\d+\s+)?(?:IN\s+)?(?:\d+\s+)?(DS|DNSKEY)\s+(.+)$/i.exec(line);
  const [, owner, type, rdata] = match ?? [];
  if (owner === undefined || type === undefined || rdata === undefined) throw invalidLine(line, number);
  try {
    const zone = DnsName.parse(owner);
    if (type.toUpperCase() === 'DNSKEY') return { zone, ds: dsOfKey(zone, parseRdata(RrType.DNSKEY, rdata)) };
    const ds = parseDs(parseRdata(RrType.DS, rdata));
    const wanted = digestLength(ds.digestType) ?? ds.digest.length;
    if (wanted !== ds.digest.length) throw invalidLine(line, number);
    return { zone, ds };
  } catch (cause) {
    throw invalidLine(line, number, cause);
  }
}

/**
 * Reads trust anchors from text: one DS or DNSKEY record a line in presentation form, TTL and class optional,
 * `;` begins a comment, parentheses may spread a record over several lines.
 *
 * @throws DnsError `ERR_DNS_CONFIG` with the line's number
 */
export function parseAnchors(text: string): readonly TrustAnchor[] {
  if (text.length > maxAnchorText) {
    throw new DnsError('ERR_DNS_CONFIG', `The trust anchors are longer than ${maxAnchorText} characters.`);
  }
  const zones = new Map<string, { zone: DnsName; ds: Ds[] }>();
  let open = '';
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const piece = raw.replace(/;.*$/, '').trim();
    open = open === '' ? piece : `${open} ${piece}`;
    const depth = open.split('(').length - open.split(')').length;
    if (open.length > maxRecordText) throw invalidLine(open, index + 1);
    if (open === '' || depth > 0) continue;
    const { zone, ds } = parseLine(open.replace(/[()]/g, ' ').trim(), index + 1);
    const known = zones.get(zone.key);
    if (known === undefined) zones.set(zone.key, { zone, ds: [ds] });
    else known.ds.push(ds);
    open = '';
  }
  if (open !== '') throw invalidLine(open, text.split('\n').length);
  if (zones.size === 0) {
    throw new DnsError('ERR_DNS_CONFIG', 'The trust anchors hold no DS or DNSKEY record.');
  }
  return [...zones.values()];
}

/** True for the same anchors in the same order. */
export function areSameAnchors(a: readonly TrustAnchor[], b: readonly TrustAnchor[]): boolean {
  if (a === b) return true;
  return (
    a.length === b.length &&
    a.every(({ zone, ds }, index) => {
      const other = b[index];
      return other !== undefined && zone.equals(other.zone) && isDeepStrictEqual(ds, other.ds);
    })
  );
}

/** The anchor nearest above a name, undefined when none covers it. */
export function closestAnchor(anchors: readonly TrustAnchor[], name: DnsName): TrustAnchor | undefined {
  return anchors
    .filter(({ zone }) => name.isAtOrBelow(zone))
    .reduce<TrustAnchor | undefined>(
      (best, anchor) => (best === undefined || anchor.zone.labelCount > best.zone.labelCount ? anchor : best),
      undefined,
    );
}
