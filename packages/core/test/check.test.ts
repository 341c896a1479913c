import { describe, expect, it } from 'vitest';
import { type Check, firstFailure, toVerdict } from '../src/index.js';

const pass: Check = { check: 'path', outcome: 'pass', detail: 'seen' };
const warn: Check = { check: 'expiry', outcome: 'warn', detail: 'soon' };
const fail: Check = { check: 'dane', outcome: 'fail', detail: 'differs', reason: 'dane_mismatch' };

describe('toVerdict', () => {
  it('holds when no check failed, warnings and skips included', () => {
    const verdict = toVerdict('host:443', [pass, warn, { ...pass, outcome: 'skip' }], 0);
    expect(verdict).toMatchObject({ subject: 'host:443', ok: true, at: '1970-01-01T00:00:00.000Z' });
    expect(firstFailure(verdict)).toBeUndefined();
  });

  it('does not hold when one check failed, and names it', () => {
    const verdict = toVerdict('host:443', [pass, fail], 0);
    expect(verdict.ok).toBe(false);
    expect(firstFailure(verdict)?.reason).toBe('dane_mismatch');
  });
});
