// Does this certificate speak for this name? RFC 9525: subjectAltName only, never the common name; a wildcard is
// the whole left-most label and stands for exactly one.

import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Check } from '@countersign/core';
import { quotePeer } from './peer-text.js';

/** True when a subjectAltName of the certificate names `host`: a DNS name, or an IP address as an iPAddress. */
export function namesHost(certificate: X509Certificate, host: string): boolean {
  if (isIP(host) !== 0) return certificate.checkIP(host) !== undefined;
  // OpenSSL takes a leading dot as "any name below"; no host begins with one.
  if (host === '' || host.startsWith('.')) return false;
  const found = certificate.checkHost(host, {
    subject: 'never',
    wildcards: true,
    partialWildcards: false,
    multiLabelWildcards: false,
    singleLabelSubdomains: false,
  });
  return found !== undefined;
}

/** The check `hostname`: reason `certificate_name_mismatch` when the certificate does not name the host. */
export function checkHostname(certificate: X509Certificate, host: string): Check {
  const names = quotePeer(certificate.subjectAltName ?? '', 500);
  const evidence = { names };
  if (namesHost(certificate, host)) {
    return { check: 'hostname', outcome: 'pass', detail: `the certificate names ${host}`, evidence };
  }
  return {
    check: 'hostname',
    outcome: 'fail',
    reason: 'certificate_name_mismatch',
    detail: `the certificate does not name ${host}; it names ${names === '' ? 'nobody' : quotePeer(names)}`,
    evidence,
  };
}
