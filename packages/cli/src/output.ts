// How results are shown: one JSON document for programs, or lines of at most the terminal's width for
// people. Colour only underlines what the words already say, in the terminal's own sixteen colours, so
// that light and dark backgrounds both work.

import type { JsonValue, Outcome } from '@countersign/core';
import type { Output } from './host.js';

/** What a verb hands back to be shown. */
export interface Report {
  /** True when what was asked holds: the exit code 0. False is the exit code 1. */
  readonly holds: boolean;
  /** The document of `--json`. */
  readonly json: JsonValue;
  /** The lines for people. */
  readonly lines: (style: Style) => readonly string[];
}

/** How text is dressed on one output. */
export interface Style {
  /** False for a pipe or a file: programs read lines, so records are not wrapped. */
  readonly terminal: boolean;
  /** Columns that a line may take. */
  readonly width: number;
  readonly bold: Dress;
  readonly dim: Dress;
  readonly good: Dress;
  readonly bad: Dress;
  readonly warn: Dress;
  readonly marks: Readonly<Record<Outcome, string>>;
  /** The branch of a tree, three columns. */
  readonly branch: string;
  /** A horizontal rule's character. */
  readonly rule: string;
}

type Dress = (text: string) => string;

/** The style for an output: plain unless it is a terminal that wants colour (https://no-color.org). */
export function styleFor(output: Output, env: Readonly<Record<string, string | undefined>>): Style {
  const colour = output.isTTY && !env.NO_COLOR && env.TERM !== 'dumb';
  const dress =
    (open: number, close: number): Dress =>
    (text) =>
      colour ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  const good = dress(32, 39);
  const bad = dress(31, 39);
  const warn = dress(33, 39);
  const dim = dress(2, 22);
  const unicode = speaksUnicode(env);
  return {
    terminal: output.isTTY,
    width: Math.min(Math.max(output.columns || 80, 40), 100),
    bold: dress(1, 22),
    dim,
    good,
    bad,
    warn,
    marks: {
      pass: good(unicode ? '✓' : '+'),
      fail: bad(unicode ? '✗' : 'x'),
      warn: warn('!'),
      skip: dim(unicode ? '–' : '-'),
    },
    branch: unicode ? '└─ ' : '`- ',
    rule: unicode ? '─' : '-',
  };
}

// Only a locale that says otherwise, or a terminal that cannot, is taken at its word: many have none set.
function speaksUnicode(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return env.TERM !== 'dumb' && (locale === '' || /utf-?8/i.test(locale));
}

/** Text from a peer, safe for a terminal and on one line: white space becomes one space. */
export function printable(text: string): string {
  return withoutSteering(text.replaceAll(/\s+/gu, ' '));
}

/** Text without its control and formatting characters: escape sequences, direction overrides, invisible marks. */
export function withoutSteering(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/gu, '');
}

/** One JSON document and a newline. Nothing in it can steer a terminal that it is printed to. */
export function jsonText(value: JsonValue): string {
  const text = JSON.stringify(value, null, 2);
  return `${text.replaceAll(/[\u007f-\u009f\p{Cf}\u2028\u2029]/gu, escapeCodeUnits)}\n`;
}

function escapeCodeUnits(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** JSON for people: indented lines, without control characters. */
export function jsonLines(value: JsonValue): readonly string[] {
  return jsonText(value).trimEnd().split('\n');
}

/** Breaks text into lines of at most `width` columns; a longer word is cut. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    let rest = word;
    if (line !== '' && line.length + 1 + rest.length <= width) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== '') lines.push(line);
    while (rest.length > width) {
      lines.push(rest.slice(0, width));
      rest = rest.slice(width);
    }
    line = rest;
  }
  return [...lines, line];
}

/**
 * Text behind a heading, the following lines indented to where it began.
 *
 * @param head what stands before the text, as it is printed
 * @param indent the columns that the head takes
 */
export function hang(head: string, indent: number, text: string, style: Style): readonly string[] {
  const [first = '', ...rest] = wrap(text, Math.max(style.width - indent, 20));
  return [head + first, ...rest.map((line) => ' '.repeat(indent) + line)];
}
