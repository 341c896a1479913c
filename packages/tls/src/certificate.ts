// The parts of a certificate that decisions rest on, cut out of the DER as it was sent: re-encoding could change
// the octets that a TLSA record digests. RFC 5280 section 4.1.

import type { TLSSocket } from 'node:tls';
import { derTag, readElement, readWhole } from './der.js';

// Issuers are linked by the runtime and may form a ring (a self-signed certificate is its own issuer).
const maxChain = 32;

/**
 * The SubjectPublicKeyInfo of a certificate, as it stands in it: what TLSA selector 1 is about.
 *
 * @param certificate DER, with nothing after it
 * @throws TlsError `ERR_CERTIFICATE_MALFORMED`
 */
export function spkiOf(certificate: Uint8Array): Uint8Array {
  const outer = readWhole(certificate, derTag.sequence);
  const tbs = readElement(certificate, outer.content, outer.end, derTag.sequence);
  let at = tbs.content;
  const skip = (tag: number): void => {
    at = readElement(certificate, at, tbs.end, tag).end;
  };
  if (certificate[at] === derTag.version) skip(derTag.version);
  skip(derTag.integer); // serialNumber
  skip(derTag.sequence); // signature
  skip(derTag.sequence); // issuer
  skip(derTag.sequence); // validity
  skip(derTag.sequence); // subject
  const spki = readElement(certificate, at, tbs.end, derTag.sequence);
  return certificate.subarray(spki.start, spki.end);
}

/**
 * Checks that octets have the shape of a SubjectPublicKeyInfo: an algorithm and a bit string, nothing else.
 *
 * @throws TlsError `ERR_CERTIFICATE_MALFORMED`
 */
export function assertSpki(octets: Uint8Array): void {
  const outer = readWhole(octets, derTag.sequence);
  const algorithm = readElement(octets, outer.content, outer.end, derTag.sequence);
  const key = readElement(octets, algorithm.end, outer.end, derTag.bitString);
  readWhole(octets.subarray(key.start, outer.end), derTag.bitString);
}

/** The certificates of a finished handshake, DER, leaf first; empty when the peer showed none. */
export function peerChain(socket: TLSSocket): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  let certificate = socket.getPeerCertificate(true);
  // The runtime answers an empty object for "no certificate".
  if (!('raw' in certificate)) return chain;
  while (chain.length < maxChain) {
    chain.push(certificate.raw);
    const issuer = certificate.issuerCertificate;
    if (issuer === undefined || issuer === certificate) break;
    certificate = issuer;
  }
  return chain;
}
