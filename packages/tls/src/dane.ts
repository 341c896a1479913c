// The rule of DANE on a connection: which of TLSA and WebPKI decides, and what refuses. One table, one function,
// no input but its arguments. RFC 6698 section 4.1, RFC 7671 sections 4.1 and 5.1.

import type { Check, JsonObject, Outcome } from '@countersign/core';
import type { DaneMatch, DaneVerdict } from './tlsa-match.js';

/** `off` asks for no TLSA; `prefer` uses it where it is published; `require` accepts nothing else. */
export type DaneMode = 'off' | 'prefer' | 'require';

/** What is known about a service's TLSA records: the match when they came from a secure answer, else why not. */
export type DaneFinding =
  | { readonly status: 'secure'; readonly owner: string; readonly match: DaneMatch }
  | { readonly status: 'insecure' | 'bogus' | 'failed'; readonly owner: string; readonly why: string };

/** Everything that the decision rests on. */
export interface DaneInput {
  readonly mode: DaneMode;
  /** Undefined only when nothing was looked up, which `off` alone accepts. */
  readonly finding?: DaneFinding;
  /** An insecure TLSA answer refuses as well. */
  readonly requireDnssec?: boolean;
  /** Leaves the name out where TLSA decides, as RFC 7671 section 5.1 has it. Default false: see the README. */
  readonly skipNameCheck?: boolean;
  /** What WebPKI found, whether or not it will count. */
  readonly webpki: { readonly path: Check; readonly expiry: Check; readonly hostname: Check };
}

type Standing = DaneVerdict | 'insecure' | 'failed' | 'bogus';

/** Who vouches for the certificate, and how the check `dane` is written down. */
interface Ruling {
  readonly trust: 'tlsa' | 'webpki' | 'nobody';
  readonly outcome: Outcome;
  readonly reason?: string;
}

const tlsaDecides: Ruling = { trust: 'tlsa', outcome: 'pass' };
const webPkiDecides = (outcome: 'skip' | 'warn', reason: string): Ruling => ({
  trust: 'webpki',
  outcome,
  reason,
});
const refuse = (reason: string): Ruling => ({ trust: 'nobody', outcome: 'fail', reason });

/** The table. `error` is a certificate that we cannot read: a peer must not escape a mismatch by being odd. */
const table: Readonly<Record<Standing, Readonly<Record<'prefer' | 'require', Ruling>>>> = {
  match: { prefer: tlsaDecides, require: tlsaDecides },
  mismatch: { prefer: refuse('dane_mismatch'), require: refuse('dane_mismatch') },
  error: { prefer: refuse('dane_mismatch'), require: refuse('dane_mismatch') },
  bogus: { prefer: refuse('dnssec_bogus'), require: refuse('dnssec_bogus') },
  absent: { prefer: webPkiDecides('skip', 'dane_absent'), require: refuse('dane_absent') },
  insecure: { prefer: webPkiDecides('skip', 'dane_absent'), require: refuse('dane_absent') },
  unusable: { prefer: webPkiDecides('warn', 'dane_unusable'), require: refuse('dane_unusable') },
  failed: { prefer: webPkiDecides('warn', 'dane_lookup_failed'), require: refuse('dane_lookup_failed') },
};

function ruleOn(mode: 'prefer' | 'require', standing: Standing, requireDnssec: boolean): Ruling {
  if (standing === 'insecure' && requireDnssec) return refuse('dnssec_required');
  return table[standing][mode];
}

/** A WebPKI check that does not count here, with what it found kept in the evidence. */
function setAside(check: Check, why: string): Check {
  const found = check.outcome === 'pass' ? check.detail : `${check.reason ?? check.outcome}: ${check.detail}`;
  return { check: check.check, outcome: 'skip', detail: why, evidence: { ...check.evidence, webpki: found } };
}

/** The particulars of a match or a mismatch, for whoever has to explain it later. */
function evidenceOf({ usage, depth, records, seen }: DaneMatch): JsonObject {
  return {
    ...(usage === undefined ? {} : { usage }),
    ...(depth === undefined ? {} : { depth }),
    ...(records === undefined ? {} : { records }),
    ...(seen === undefined ? {} : { seen }),
  };
}

/** What is said about TLSA records in the check `dane`. */
function explain(finding: DaneFinding): string {
  if (finding.status !== 'secure') return `${finding.owner}: ${finding.why}`;
  const absence = finding.match.verdict === 'absent' ? ', and DNSSEC proves it' : '';
  return `${finding.owner}: ${finding.match.why}${absence}`;
}

/**
 * Decides who vouches for the certificate.
 *
 * @returns the checks `path`, `expiry`, `hostname` and `dane`, in this order. Where TLSA decides, `path` and
 *   `expiry` are `skip` (DANE-EE replaces both) and `hostname` still counts. Where the records refuse, the other
 *   three are `skip`, so that the refusal's reason is DANE's.
 */
export function decideDane(input: DaneInput): readonly Check[] {
  const { mode, finding, webpki } = input;
  if (mode === 'off') {
    const dane: Check = { check: 'dane', outcome: 'skip', detail: 'DANE is off: TLSA was not looked up' };
    return [webpki.path, webpki.expiry, webpki.hostname, dane];
  }
  const known: DaneFinding = finding ?? { status: 'failed', owner: 'TLSA', why: 'nothing was looked up' };
  const standing = known.status === 'secure' ? known.match.verdict : known.status;
  const ruling = ruleOn(mode, standing, input.requireDnssec ?? false);
  const dane: Check = {
    check: 'dane',
    outcome: ruling.outcome,
    detail: explain(known),
    ...(ruling.reason === undefined ? {} : { reason: ruling.reason }),
    evidence: {
      owner: known.owner,
      standing,
      ...(known.status === 'secure' ? evidenceOf(known.match) : {}),
    },
  };
  switch (ruling.trust) {
    case 'webpki':
      return [webpki.path, webpki.expiry, webpki.hostname, dane];
    case 'tlsa': {
      // RFC 7671 section 5.1: with DANE-EE the record is the trust, dates included. The name check that it drops
      // too stays on: without it a peer can pass itself off under another's name (unknown key share).
      const hostname = input.skipNameCheck
        ? setAside(webpki.hostname, 'the name check is switched off for certificates that TLSA vouches for')
        : webpki.hostname;
      const path = setAside(webpki.path, 'the matching DANE-EE record takes the place of a trusted path');
      const expiry = setAside(
        webpki.expiry,
        'a DANE-EE record lives as long as it is published: dates do not count',
      );
      return [path, expiry, hostname, dane];
    }
    case 'nobody': {
      const why = 'not asked: the TLSA answer refuses, see dane';
      const { path, expiry, hostname } = webpki;
      return [setAside(path, why), setAside(expiry, why), setAside(hostname, why), dane];
    }
  }
}
