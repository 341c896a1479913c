// What reaches a terminal or a program: width, colour, and nothing that could steer either.

import { describe, expect, it } from 'vitest';
import { hang, jsonText, printable, styleFor, wrap } from '../src/output.js';

const terminal = { write: () => undefined, isTTY: true, columns: 80 };
const pipe = { write: () => undefined, isTTY: false };

describe('colour', () => {
  it('is used on a terminal', () => {
    expect(styleFor(terminal, {}).good('x')).toBe('\u001b[32mx\u001b[39m');
  });

  it.each([
    ['when piped', pipe, {}],
    ['with NO_COLOR', terminal, { NO_COLOR: '1' }],
    ['on a dumb terminal', terminal, { TERM: 'dumb' }],
  ])('is not used %s', (_, output, env) => {
    expect(styleFor(output, env).good('x')).toBe('x');
    expect(styleFor(output, env).marks.pass).toMatch(/^[✓+]$/);
  });

  it('is used with an empty NO_COLOR, which counts as not set', () => {
    expect(styleFor(terminal, { NO_COLOR: '' }).good('x')).not.toBe('x');
  });
});

describe('marks', () => {
  it('are ASCII where the locale is not UTF-8', () => {
    expect(styleFor(pipe, { LANG: 'C' }).marks.pass).toBe('+');
    expect(styleFor(pipe, { LANG: 'C.UTF-8' }).marks.pass).toBe('✓');
    expect(styleFor(pipe, {}).marks.pass).toBe('✓');
  });
});

describe("a peer's text", () => {
  it('loses control characters, escape sequences and direction overrides', () => {
    expect(printable('a\u001b[31mb\u0007\u009bc\u202ed\u200be\u0000')).toBe('a[31mbcde');
  });

  it('stays on one line', () => {
    expect(printable('a\r\nb\tc\u2028d')).toBe('a b c d');
  });

  it('keeps letters of every script', () => {
    expect(printable('zürich.例え.example')).toBe('zürich.例え.example');
  });

  it('cannot steer a terminal out of a JSON document either', () => {
    const text = jsonText({ name: '\u009b31m\u202e\u001b[0m' });
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(JSON.parse(text)).toEqual({ name: '\u009b31m\u202e\u001b[0m' });
  });

  it('is written as JSON that reads back the same beyond the basic plane', () => {
    const value = { tag: '\u{e0001}😀' };
    expect(JSON.parse(jsonText(value))).toEqual(value);
  });
});

describe('wrapping', () => {
  it('breaks at spaces and cuts what is longer than a line', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('abcdefghij k', 4)).toEqual(['abcd', 'efgh', 'ij k']);
  });

  it('indents the following lines to where the text began', () => {
    const style = { ...styleFor(pipe, {}), width: 30 };
    expect(hang('head: ', 6, 'some words that do not fit in one line', style)).toEqual([
      'head: some words that do not',
      '      fit in one line',
    ]);
  });
});
