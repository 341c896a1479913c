// The report for people: a table that reads at 80 columns, one measure a line with what was measured below it.

import type { Row } from './measure.js';

const nameWidth = 40;
const lineWidth = 80;

/** The heading over the rows of a table. */
export const heading = `${'measure'.padEnd(nameWidth)}${'ratio'.padStart(9)}${'bar'.padStart(11)}${'noise'.padStart(9)}  ok`;

/** One row as lines of text. */
export function formatRow(row: Row): string {
  const { area, name, ratio, better, bar, noise, ok, detail } = row;
  const columns = [
    `${area}: ${name}`.padEnd(nameWidth),
    (ratio === null ? '-' : figure(ratio)).padStart(9),
    `${better === 'lower' ? '≤' : '≥'} ${figure(bar)}`.padStart(11),
    (noise === null ? '-' : `±${Math.round(noise * 100)}%`).padStart(9),
    ok ? '  yes' : '  NO',
  ];
  return [columns.join(''), ...wrap(detail, lineWidth - 2).map((line) => `  ${line}`)].join('\n');
}

/** The last line of a table. */
export function formatSum(rows: readonly Row[]): string {
  const held = rows.filter(({ ok }) => ok).length;
  return `${held} of ${rows.length} hold`;
}

function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
