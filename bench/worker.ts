// Runs the measures of one file in a process of its own, so that no measure finds another's heap, compiled code
// or open sockets. Tells its parent first what is promised, then row by row what was found.

import { type Measure, PeerMissing, type Promised, type Row, toRow, unmeasured } from './measure.js';

/** What a worker sends. */
export type Report =
  | { readonly kind: 'promised'; readonly measures: readonly Promised[] }
  | { readonly kind: 'row'; readonly row: Row };

const [, , url = '', area = ''] = process.argv;

function send(report: Report): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(report, (error: Error | null) => (error === null ? resolve() : reject(error)));
  });
}

async function rowOf(measure: Measure): Promise<Row> {
  try {
    return toRow(area, measure, await measure.measure());
  } catch (error) {
    if (error instanceof PeerMissing) return unmeasured(area, measure, `not measured: ${error.message}`);
    return unmeasured(area, measure, `failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const { measures }: { readonly measures: readonly Measure[] } = await import(url);
await send({
  kind: 'promised',
  measures: measures.map(({ name, better, bar }) => ({ name, better, bar })),
});
for (const measure of measures) await send({ kind: 'row', row: await rowOf(measure) });
// A measure may leave a socket behind; everything has been said.
process.exit(0);
