// What WebPKI says about the certificates of a connection: path and dates, as OpenSSL found them in the handshake
// and the leaf's dates once more by our own clock. RFC 5280 section 6.

import type { X509Certificate } from 'node:crypto';
import type { Check } from '@countersign/core';
import { quotePeer } from './peer-text.js';

/** The checks `path` and `expiry`. */
export interface WebPki {
  readonly path: Check;
  readonly expiry: Check;
}

/**
 * Puts OpenSSL's outcome into checks.
 *
 * Reasons: `certificate_untrusted`; `certificate_expired`, `certificate_not_yet_valid`. OpenSSL judges the dates of
 * the whole chain by the system's clock; the leaf's are judged by `nowMs` as well, and either can refuse.
 *
 * @param error OpenSSL's code, for instance `DEPTH_ZERO_SELF_SIGNED_CERT`; undefined when it found no fault
 * @param nowMs milliseconds since the epoch
 */
export function judgeWebPki(leaf: X509Certificate, error: string | undefined, nowMs: number): WebPki {
  const dateError = error === 'CERT_HAS_EXPIRED' || error === 'CERT_NOT_YET_VALID' ? error : undefined;
  return { path: judgePath(leaf, error, dateError), expiry: judgeExpiry(leaf, dateError, nowMs) };
}

function judgePath(leaf: X509Certificate, error: string | undefined, dateError: string | undefined): Check {
  const issuer = quotePeer(leaf.issuer.replaceAll('\n', ', '));
  if (error === undefined) {
    return { check: 'path', outcome: 'pass', detail: `the path ends at a trusted root; issued by ${issuer}` };
  }
  const evidence = { openssl: error };
  if (dateError !== undefined) {
    // OpenSSL reports one fault only, the last: with a date at fault nothing is known about the path.
    const detail = 'not decided: a certificate of the path is outside its dates, see expiry';
    return { check: 'path', outcome: 'skip', detail, evidence };
  }
  return {
    check: 'path',
    outcome: 'fail',
    reason: 'certificate_untrusted',
    detail: `no trusted path: ${error}; issued by ${issuer}`,
    evidence,
  };
}

function judgeExpiry(leaf: X509Certificate, dateError: string | undefined, nowMs: number): Check {
  const from = Date.parse(leaf.validFrom);
  const to = Date.parse(leaf.validTo);
  const evidence = { notBefore: leaf.validFrom, notAfter: leaf.validTo };
  const dates = `valid from ${leaf.validFrom} to ${leaf.validTo}`;
  const fail = (reason: string, detail: string): Check => ({
    check: 'expiry',
    outcome: 'fail',
    reason,
    detail,
    evidence,
  });
  if (nowMs < from) return fail('certificate_not_yet_valid', `the certificate is not yet valid: ${dates}`);
  // A date that cannot be read compares as false: it must end up here, not in the pass below.
  if (!(nowMs >= from && nowMs <= to))
    return fail('certificate_expired', `the certificate has expired: ${dates}`);
  if (dateError === 'CERT_HAS_EXPIRED') {
    return fail(
      'certificate_expired',
      `a certificate of the chain has expired (${dateError}); leaf ${dates}`,
    );
  }
  if (dateError !== undefined) {
    return fail('certificate_not_yet_valid', `a certificate of the chain is not yet valid (${dateError})`);
  }
  return { check: 'expiry', outcome: 'pass', detail: dates, evidence };
}
