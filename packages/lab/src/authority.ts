// A private certificate authority and self-signed certificates (RFC 5280), all ECDSA P-256, dated by the
// clock that is handed in.

import {
  createHash,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import type { Clock, RandomBytes } from '@countersign/core';
import { encodeTlsa } from '@countersign/dns';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';

const ecdsaWithSha256 = '1.2.840.10045.4.3.2';
const commonNameType = '2.5.4.3';
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** A certificate with its key, as `node:tls` takes them. */
export interface Credentials {
  /** DER. */
  readonly certificate: Uint8Array;
  /** PEM of the certificate, and of the authority's after it when one issued it. */
  readonly cert: string;
  /** PEM, PKCS #8. */
  readonly key: string;
}

/** What a server certificate should say. */
export interface CertificateRequest {
  /** DNS names of the subject alternative name; the first is the common name too. */
  readonly names: readonly [string, ...string[]];
  /** Milliseconds since the epoch. Default: an hour before the clock. */
  readonly notBefore?: number;
  /** Milliseconds since the epoch. Default: 90 days after the clock. */
  readonly notAfter?: number;
}

/** Where time and randomness come from. */
export interface AuthorityOptions {
  /** Default `Date.now`. */
  readonly clock?: Clock;
  /** Serial numbers are made of it. Default `crypto.randomBytes`. */
  readonly random?: RandomBytes;
}

/** A certificate authority. */
export interface Authority {
  /** PEM of the authority's own certificate: what a client must trust. */
  readonly certificate: string;
  issue(request: CertificateRequest): Credentials;
}

/** Makes an authority with a key of its own, good for ten years. */
export function createAuthority(options: AuthorityOptions = {}): Authority {
  const now = (options.clock ?? Date.now)();
  const keys = generateKeys();
  const name = commonName('Countersign lab CA');
  const issuer: Issuer = { name, key: keys.privateKey, publicKey: keys.publicKey };
  const der = certify(
    {
      subject: name,
      publicKey: keys.publicKey,
      notBefore: now - hourMs,
      notAfter: now + 3650 * dayMs,
      extensions: [
        extension(id_ce_basicConstraints, new BasicConstraints({ cA: true, pathLenConstraint: 0 }), true),
        extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign), true),
      ],
    },
    issuer,
    options,
  );
  const certificate = pem(der);
  return {
    certificate,
    issue: (request) => serverCredentials(request, options, issuer, certificate),
  };
}

/** Makes a server certificate signed by its own key, as agents that rely on DANE-EE use. */
export function selfSigned(request: CertificateRequest, options: AuthorityOptions = {}): Credentials {
  return serverCredentials(request, options);
}

/** RDATA of the TLSA record `3 1 1`: the SHA-256 of the certificate's public key (RFC 6698 section 2.1). */
export function tlsaOf(certificate: Uint8Array): Uint8Array {
  const spki = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
  const data = createHash('sha256').update(spki).digest();
  return encodeTlsa({ usage: 3, selector: 1, matchingType: 1, data });
}

interface Issuer {
  readonly name: Name;
  readonly key: KeyObject;
  readonly publicKey: KeyObject;
}

interface Subject {
  readonly subject: Name;
  readonly publicKey: KeyObject;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly extensions: readonly Extension[];
}

function serverCredentials(
  request: CertificateRequest,
  options: AuthorityOptions,
  issuer?: Issuer,
  issuerPem = '',
): Credentials {
  const now = (options.clock ?? Date.now)();
  const keys = generateKeys();
  const subject = commonName(request.names[0]);
  const names = request.names.map((dNSName) => new GeneralName({ dNSName }));
  const certificate = certify(
    {
      subject,
      publicKey: keys.publicKey,
      notBefore: request.notBefore ?? now - hourMs,
      notAfter: request.notAfter ?? now + 90 * dayMs,
      extensions: [
        extension(id_ce_basicConstraints, new BasicConstraints({ cA: false }), true),
        extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature), true),
        extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_serverAuth])),
        extension(id_ce_subjectAltName, new SubjectAlternativeName(names)),
      ],
    },
    issuer ?? { name: subject, key: keys.privateKey, publicKey: keys.publicKey },
    options,
  );
  const key = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { certificate, cert: pem(certificate) + issuerPem, key };
}

function certify(subject: Subject, issuer: Issuer, options: AuthorityOptions): Uint8Array {
  const spki = subject.publicKey.export({ type: 'spki', format: 'der' });
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: serialNumber(options.random ?? randomBytes),
    signature: new AlgorithmIdentifier({ algorithm: ecdsaWithSha256 }),
    issuer: issuer.name,
    validity: new Validity({ notBefore: new Date(subject.notBefore), notAfter: new Date(subject.notAfter) }),
    subject: subject.subject,
    subjectPublicKeyInfo: AsnConvert.parse(spki, SubjectPublicKeyInfo),
    extensions: new Extensions([
      ...subject.extensions,
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyIdentifier(subject.publicKey))),
      extension(
        id_ce_authorityKeyIdentifier,
        new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyIdentifier(issuer.publicKey)) }),
      ),
    ]),
  });
  const signature = sign('sha256', Buffer.from(AsnConvert.serialize(tbsCertificate)), issuer.key);
  const certificate = new Certificate({
    tbsCertificate,
    signatureAlgorithm: new AlgorithmIdentifier({ algorithm: ecdsaWithSha256 }),
    signatureValue: arrayBuffer(signature),
  });
  return new Uint8Array(AsnConvert.serialize(certificate));
}

function generateKeys(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
}

function extension(extnID: string, value: object, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

function commonName(text: string): Name {
  const value = new AttributeValue({ utf8String: text });
  return new Name([
    new RelativeDistinguishedName([new AttributeTypeAndValue({ type: commonNameType, value })]),
  ]);
}

/** Any value will do that differs from key to key (RFC 5280 section 4.2.1.2). */
function keyIdentifier(publicKey: KeyObject): ArrayBuffer {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return arrayBuffer(createHash('sha256').update(spki).digest().subarray(0, 20));
}

/** Sixteen random octets; the first is kept from being negative or zero (RFC 5280 section 4.1.2.2). */
function serialNumber(random: RandomBytes): ArrayBuffer {
  const octets = Uint8Array.from(random(16));
  octets[0] = ((octets[0] ?? 0) & 0x7f) | 0x40;
  return arrayBuffer(octets);
}

function arrayBuffer(octets: Uint8Array): ArrayBuffer {
  return Uint8Array.from(octets).buffer;
}

function pem(der: Uint8Array): string {
  return new X509Certificate(der).toString();
}
