// DNSSEC signature algorithms and DS digests (RFC 8624) on node:crypto: which are supported, how a DNSKEY's
// public key is read, how a signature is checked.

import { createHash, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import type { Dnskey } from '../rdata/dnskey.js';

interface Algorithm {
  readonly name: string;
  /** The digest that `crypto.verify` is told, undefined where the scheme has its own. */
  readonly digest: string | undefined;
  readonly sha1: boolean;
  toJwk(publicKey: Uint8Array): JsonWebKey | undefined;
  /** The exact length of a signature in octets, where the scheme fixes it. */
  readonly signatureLength?: number;
}

const base64url = (octets: Uint8Array): string =>
  Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('base64url');

// RFC 3110 section 2: exponent length in one octet, or in two after a zero octet. Exponents above 32 bits and
// moduli outside 512 to 4096 bits (RFC 5702) serve only to make verification slow.
function rsaJwk(publicKey: Uint8Array): JsonWebKey | undefined {
  const first = publicKey[0];
  if (first === undefined) return undefined;
  const long = first === 0;
  const length = long ? ((publicKey[1] ?? 0) << 8) | (publicKey[2] ?? 0) : first;
  const start = long ? 3 : 1;
  const exponent = publicKey.subarray(start, start + length);
  const modulus = publicKey.subarray(start + length);
  if (length === 0 || length > 4 || exponent.length !== length) return undefined;
  if (modulus.length < 64 || modulus.length > 512) return undefined;
  return { kty: 'RSA', n: base64url(modulus), e: base64url(exponent) };
}

// RFC 6605 section 4: the two coordinates, without a leading octet.
const ecJwk = (crv: string, size: number) => (publicKey: Uint8Array) =>
  publicKey.length === 2 * size
    ? { kty: 'EC', crv, x: base64url(publicKey.subarray(0, size)), y: base64url(publicKey.subarray(size)) }
    : undefined;

// RFC 8080 section 3: the key as it is.
const okpJwk = (crv: string, size: number) => (publicKey: Uint8Array) =>
  publicKey.length === size ? { kty: 'OKP', crv, x: base64url(publicKey) } : undefined;

const rsa = (name: string, digest: string): Algorithm => ({
  name,
  digest,
  sha1: digest === 'sha1',
  toJwk: rsaJwk,
});
const curve = (
  name: string,
  digest: string | undefined,
  signatureLength: number,
  toJwk: Algorithm['toJwk'],
): Algorithm => ({ name, digest, sha1: false, signatureLength, toJwk });

const algorithms: ReadonlyMap<number, Algorithm> = new Map([
  [5, rsa('RSASHA1', 'sha1')],
  [7, rsa('RSASHA1-NSEC3-SHA1', 'sha1')],
  [8, rsa('RSASHA256', 'sha256')],
  [10, rsa('RSASHA512', 'sha512')],
  [13, curve('ECDSAP256SHA256', 'sha256', 64, ecJwk('P-256', 32))],
  [14, curve('ECDSAP384SHA384', 'sha384', 96, ecJwk('P-384', 48))],
  [15, curve('ED25519', undefined, 64, okpJwk('Ed25519', 32))],
  [16, curve('ED448', undefined, 114, okpJwk('Ed448', 57))],
]);

/** The algorithm's mnemonic in the IANA registry, or `ALGORITHM7x` with its number. */
export function algorithmName(algorithm: number): string {
  return algorithms.get(algorithm)?.name ?? `ALGORITHM${algorithm}`;
}

/** True when signatures of this algorithm count. SHA-1 ones (5, 7) count only on request. */
export function isSupportedAlgorithm(algorithm: number, acceptSha1: boolean): boolean {
  const known = algorithms.get(algorithm);
  return known !== undefined && (acceptSha1 || !known.sha1);
}

const digests: ReadonlyMap<number, { readonly hash: string; readonly length: number }> = new Map([
  [1, { hash: 'sha1', length: 20 }],
  [2, { hash: 'sha256', length: 32 }],
  [4, { hash: 'sha384', length: 48 }],
]);

/** The length of a digest in octets, undefined for an unsupported digest type. */
export function digestLength(digestType: number): number | undefined {
  return digests.get(digestType)?.length;
}

/** The DS digest of a key (RFC 4034 section 5.1.4), undefined for an unsupported digest type. */
export function dsDigest(
  digestType: number,
  ownerCanonicalWire: Uint8Array,
  dnskeyRdata: Uint8Array,
): Uint8Array | undefined {
  const known = digests.get(digestType);
  if (known === undefined) return undefined;
  return Uint8Array.from(createHash(known.hash).update(ownerCanonicalWire).update(dnskeyRdata).digest());
}

// Reading a P-256 key costs more than checking a signature with it, for OpenSSL proves that the point is on the curve
// and of the right order; and the same keys come back in every chain. What a key's octets mean never changes, so what
// was read is remembered beyond any one lookup, within a bound.
const maxRemembered = 1024;
const remembered = new Map<string, KeyObject | undefined>();

/** A DNSKEY's public key ready to verify with, undefined when its octets are no key of its algorithm. */
export function importPublicKey(dnskey: Dnskey): KeyObject | undefined {
  const octets = String.fromCharCode(dnskey.algorithm, ...dnskey.publicKey);
  const known = remembered.get(octets);
  if (known !== undefined || remembered.has(octets)) return known;
  const key = readPublicKey(dnskey);
  for (const oldest of remembered.keys()) {
    if (remembered.size < maxRemembered) break;
    remembered.delete(oldest);
  }
  remembered.set(octets, key);
  return key;
}

function readPublicKey(dnskey: Dnskey): KeyObject | undefined {
  const jwk = algorithms.get(dnskey.algorithm)?.toJwk(dnskey.publicKey);
  if (jwk === undefined) return undefined;
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    // A point off the curve or a modulus that OpenSSL will not take: a key that verifies nothing.
    return undefined;
  }
}

/** Checks one signature. A signature of the wrong length is wrong, not an error. */
export function verifySignature(
  algorithm: number,
  key: KeyObject,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  const known = algorithms.get(algorithm);
  if (known === undefined) return false;
  if (known.signatureLength !== undefined && signature.length !== known.signatureLength) return false;
  return verify(known.digest, data, { key, dsaEncoding: 'ieee-p1363' }, signature);
}
