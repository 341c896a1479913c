// A verdict for people: one line a check, then what it comes to and what to do.

import { type Check, firstFailure, type Verdict } from '@countersign/core';
import { adviceFor } from './advice.js';
import { hang, printable, type Style } from './output.js';

/** One line a check: its mark, its name, what was seen. */
export function checkLines(checks: readonly Check[], style: Style): readonly string[] {
  const width = Math.max(8, ...checks.map(({ check }) => printable(check).length));
  return checks.flatMap((check) => {
    const head = `  ${style.marks[check.outcome]} ${printable(check.check).padEnd(width)}  `;
    return hang(head, width + 6, printable(check.detail), style);
  });
}

/** The whole verdict. */
export function verdictLines(verdict: Verdict, style: Style): readonly string[] {
  const lines = [style.bold(printable(verdict.subject)), ...checkLines(verdict.checks, style), ''];
  const failure = firstFailure(verdict);
  if (failure === undefined) return [...lines, style.good('It holds.')];
  return [...lines, ...outcomeLines('Refused', failure.reason ?? failure.check, style)];
}

/** `Refused: dane_mismatch`, and what to do. */
export function outcomeLines(word: 'Refused' | 'Failed', reason: string, style: Style): readonly string[] {
  const advice = adviceFor(reason);
  return [
    style.bad(`${word}: ${printable(reason)}`),
    ...(advice === undefined ? [] : hang('', 0, advice, style)),
  ];
}
