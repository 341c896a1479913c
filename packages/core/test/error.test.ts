import { describe, expect, it } from 'vitest';
import { CountersignError, isCountersignError } from '../src/index.js';

describe('CountersignError', () => {
  it('carries a code, the reason derived from it, and its cause', () => {
    const cause = new Error('below');
    const error = new CountersignError('ERR_DANE_MISMATCH', 'differs', { cause });
    expect(error).toMatchObject({ code: 'ERR_DANE_MISMATCH', reason: 'dane_mismatch', cause });
  });

  it('recognises an error of another copy of the package by its brand', () => {
    const foreign = Object.assign(new Error('other copy'), { [Symbol.for('countersign.error')]: true });
    expect(isCountersignError(foreign)).toBe(true);
    expect(isCountersignError(new Error('plain'))).toBe(false);
  });
});
