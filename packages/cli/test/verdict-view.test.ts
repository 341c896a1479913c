// A verdict as people see it.

import { toVerdict } from '@countersign/core';
import { describe, expect, it } from 'vitest';
import { styleFor } from '../src/output.js';
import { verdictLines } from '../src/verdict-view.js';

const style = styleFor({ write: () => undefined, isTTY: false }, {});
const pass = { check: 'record', outcome: 'pass', detail: 'it is there' } as const;
const fail = {
  check: 'dane',
  outcome: 'fail',
  reason: 'dane_mismatch',
  detail: 'none of 1 record matches',
} as const;

describe('a verdict for people', () => {
  it('has one line a check, its mark first', () => {
    const skip = { check: 'path', outcome: 'skip', detail: 'not asked' } as const;
    const warn = { check: 'dnssec', outcome: 'warn', detail: 'not signed' } as const;
    expect(verdictLines(toVerdict('a.example', [pass, warn, skip], 0), style)).toEqual([
      'a.example',
      '  ✓ record    it is there',
      '  ! dnssec    not signed',
      '  – path      not asked',
      '',
      'It holds.',
    ]);
  });

  it('says why it refuses and what to do', () => {
    const lines = verdictLines(toVerdict('a.example', [pass, fail], 0), style);
    expect(lines).toContain('  ✗ dane      none of 1 record matches');
    expect(lines).toContain('Refused: dane_mismatch');
    expect(lines.join(' ')).toContain('Do not go on; ask the owner');
  });

  it('shows a reason without advice as it is', () => {
    const other = { ...fail, reason: 'constructor' };
    expect(verdictLines(toVerdict('a.example', [other], 0), style).at(-1)).toBe('Refused: constructor');
  });

  it("takes a peer's control characters out", () => {
    const hostile = { ...pass, detail: 'CN=\u001b]0;owned\u0007\u202eevil\nforged line' };
    const lines = verdictLines(toVerdict('a\u001b[2Jb.example', [hostile], 0), style);
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(lines[1]).toBe('  ✓ record    CN=]0;ownedevil forged line');
  });
});
