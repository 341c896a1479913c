// Text of a peer in messages: it says what it said, and cannot steer who reads it.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quotePeer } from '../src/peer-text.js';

describe('the text of a peer', () => {
  test('stays as it is where it is harmless', () => {
    expect(quotePeer('zürich.例え.example 😀')).toBe('zürich.例え.example 😀');
  });

  test('has one space in place of white space, control and formatting characters', () => {
    expect(quotePeer(' a\r\nb\u001b[31mc\u202ed\u200be\u2028f ')).toBe('a b [31mc d e f');
  });

  test('is cut at its limit, between characters, and says so', () => {
    expect(quotePeer('abcdef', 6)).toBe('abcdef');
    expect(quotePeer('abcdefg', 6)).toBe('abcdef…');
    expect(quotePeer('abcde😀', 6)).toBe('abcde…');
  });

  test('has no control, format or lone surrogate character and is short, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 1000 }), (text) => {
        const quoted = quotePeer(text);
        expect(quoted).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(quoted.length).toBeLessThanOrEqual(201);
      }),
    );
  });
});
