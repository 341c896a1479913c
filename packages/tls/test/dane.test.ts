// The whole table of DANE: every standing of the records, in every mode, with WebPKI content and not.

import { type Check, firstFailure, toVerdict } from '@countersign/core';
import { describe, expect, test } from 'vitest';
import { type DaneFinding, type DaneMode, decideDane } from '../src/dane.js';
import type { DaneVerdict } from '../src/tlsa-match.js';

const owner = '_443._tcp.a.example';
const secure = (verdict: DaneVerdict): DaneFinding => ({
  status: 'secure',
  owner,
  match: { verdict, why: verdict, ...(verdict === 'match' ? { depth: 0, usage: 3 } : {}) },
});
const standings = {
  match: secure('match'),
  mismatch: secure('mismatch'),
  error: secure('error'),
  absent: secure('absent'),
  unusable: secure('unusable'),
  insecure: { status: 'insecure', owner, why: 'unsigned' },
  failed: { status: 'failed', owner, why: 'timeout' },
  bogus: { status: 'bogus', owner, why: 'forged' },
} as const satisfies Record<string, DaneFinding>;

const pass = (check: string): Check => ({ check, outcome: 'pass', detail: 'fine' });
const fail = (check: string, reason: string): Check => ({
  check,
  outcome: 'fail',
  reason,
  detail: 'not fine',
});
const content = { path: pass('path'), expiry: pass('expiry'), hostname: pass('hostname') };
const untrusted = { ...content, path: fail('path', 'certificate_untrusted') };
const expired = { ...content, expiry: fail('expiry', 'certificate_expired') };
const misnamed = { ...content, hostname: fail('hostname', 'certificate_name_mismatch') };

function reasonOf(input: Parameters<typeof decideDane>[0]): string {
  const verdict = toVerdict('a.example:443', decideDane(input), 0);
  expect(verdict.checks.map(({ check }) => check)).toEqual(['path', 'expiry', 'hostname', 'dane']);
  return verdict.ok ? 'ok' : (firstFailure(verdict)?.reason ?? 'no reason');
}

const daneOutcome = (mode: DaneMode, finding: DaneFinding) =>
  decideDane({ mode, finding, webpki: content }).find(({ check }) => check === 'dane')?.outcome;

// Each row: the reason with WebPKI content, with an unknown issuer, expired, and under another name.
type Row = readonly [content: string, untrusted: string, expired: string, misnamed: string];
const webpki: Row = ['ok', 'certificate_untrusted', 'certificate_expired', 'certificate_name_mismatch'];
const tlsa: Row = ['ok', 'ok', 'ok', 'certificate_name_mismatch'];
const refused = (reason: string): Row => [reason, reason, reason, reason];

const table: Readonly<Record<keyof typeof standings, Readonly<Record<DaneMode, Row>>>> = {
  match: { off: webpki, prefer: tlsa, require: tlsa },
  mismatch: { off: webpki, prefer: refused('dane_mismatch'), require: refused('dane_mismatch') },
  error: { off: webpki, prefer: refused('dane_mismatch'), require: refused('dane_mismatch') },
  bogus: { off: webpki, prefer: refused('dnssec_bogus'), require: refused('dnssec_bogus') },
  absent: { off: webpki, prefer: webpki, require: refused('dane_absent') },
  insecure: { off: webpki, prefer: webpki, require: refused('dane_absent') },
  unusable: { off: webpki, prefer: webpki, require: refused('dane_unusable') },
  failed: { off: webpki, prefer: webpki, require: refused('dane_lookup_failed') },
};

describe('the table', () => {
  for (const standing of Object.keys(table) as (keyof typeof standings)[]) {
    for (const mode of ['off', 'prefer', 'require'] as const) {
      test(`${standing} records under ${mode}`, () => {
        const finding = standings[standing];
        const row = [content, untrusted, expired, misnamed].map((each) =>
          reasonOf({ mode, finding, webpki: each }),
        );
        expect(row).toEqual(table[standing][mode]);
      });
    }
  }
});

describe('how it is written down', () => {
  test('in prefer, a failed lookup and unusable records warn, plain absence does not', () => {
    expect(daneOutcome('prefer', standings.failed)).toBe('warn');
    expect(daneOutcome('prefer', standings.unusable)).toBe('warn');
    expect(daneOutcome('prefer', standings.absent)).toBe('skip');
    expect(daneOutcome('prefer', standings.insecure)).toBe('skip');
    expect(daneOutcome('prefer', standings.match)).toBe('pass');
  });

  test('where TLSA takes the place of WebPKI, path and expiry are skipped and say what WebPKI found', () => {
    const [path, expiry] = decideDane({ mode: 'require', finding: standings.match, webpki: untrusted });
    expect(path).toMatchObject({ outcome: 'skip', evidence: { webpki: 'certificate_untrusted: not fine' } });
    expect(path?.detail).toContain('DANE-EE');
    expect(expiry).toMatchObject({ outcome: 'skip', evidence: { webpki: 'fine' } });
  });

  test('a mismatch keeps what was seen and what was wanted in the evidence, a match has neither', () => {
    const match = { verdict: 'mismatch', why: 'other', records: ['3 1 1 aa'], seen: ['3 1 1 bb'] } as const;
    const evidenceOf = (finding: DaneFinding) =>
      decideDane({ mode: 'prefer', finding, webpki: content }).find(({ check }) => check === 'dane')
        ?.evidence;
    expect(evidenceOf({ status: 'secure', owner, match })).toEqual({
      owner,
      standing: 'mismatch',
      records: ['3 1 1 aa'],
      seen: ['3 1 1 bb'],
    });
    expect(evidenceOf(standings.match)).toEqual({ owner, standing: 'match', usage: 3, depth: 0 });
  });

  test('a name that does not fit a matching record passes only with the opt-out', () => {
    const input = { mode: 'require', finding: standings.match, webpki: misnamed } as const;
    expect(reasonOf(input)).toBe('certificate_name_mismatch');
    expect(reasonOf({ ...input, skipNameCheck: true })).toBe('ok');
  });

  test('the opt-out does not reach names that WebPKI vouches for', () => {
    const input = { mode: 'prefer', finding: standings.absent, webpki: misnamed } as const;
    expect(reasonOf({ ...input, skipNameCheck: true })).toBe('certificate_name_mismatch');
  });

  test('an insecure TLSA answer is refused where DNSSEC is required, in prefer too', () => {
    const input = { mode: 'prefer', finding: standings.insecure, webpki: content } as const;
    expect(reasonOf({ ...input, requireDnssec: true })).toBe('dnssec_required');
    expect(reasonOf(input)).toBe('ok');
  });

  test('a mode that needs records and was given none refuses or warns, as for a failed lookup', () => {
    expect(reasonOf({ mode: 'require', webpki: content })).toBe('dane_lookup_failed');
    expect(reasonOf({ mode: 'prefer', webpki: content })).toBe('ok');
  });
});
