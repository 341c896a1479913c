// `npm run bench [-- AREA…] [--json]`: runs the measures of the named areas (default: all) and prints one row
// each. Exit code 0 when every bar holds, 1 when one does not, 2 when something could not be run at all.

import { fork } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Promised, Row } from './measure.js';
import { unmeasured } from './measure.js';
import { formatRow, formatSum, heading } from './report.js';
import type { Report } from './worker.js';

const fileTimeoutMs = 10 * 60_000;
const here = new URL('.', import.meta.url);
const suffix = '.bench.js';

interface BenchFile {
  readonly area: string;
  readonly url: string;
}

function findFiles(area: string): readonly BenchFile[] {
  return readdirSync(new URL(`${area}/`, here))
    .filter((file) => file.endsWith(suffix))
    .sort()
    .map((file) => ({ area, url: new URL(`${area}/${file}`, here).href }));
}

// A compiled file stays when its source goes: only areas that have a source count.
function findAreas(): readonly string[] {
  return readdirSync(here, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(new URL(`../${entry.name}/`, here)))
    .map((entry) => entry.name)
    .filter((area) => findFiles(area).length > 0)
    .sort();
}

/** Runs one file's measures; those that it promised and never reported become rows that say so. */
function measureFile({ area, url }: BenchFile, onRow: (row: Row) => void): Promise<readonly Row[]> {
  return new Promise((resolve, reject) => {
    const rows: Row[] = [];
    let promised: readonly Promised[] | undefined;
    const add = (row: Row): void => {
      rows.push(row);
      onRow(row);
    };
    const worker = fork(new URL('worker.js', here), [url, area], { stdio: ['ignore', 2, 2, 'ipc'] });
    const timer = setTimeout(() => worker.kill('SIGKILL'), fileTimeoutMs);
    worker.on('message', (report: Report) => {
      if (report.kind === 'promised') promised = report.measures;
      else add(report.row);
    });
    worker.once('error', reject);
    worker.once('close', (code, signal) => {
      clearTimeout(timer);
      if (promised === undefined) {
        reject(new Error(`${url} could not be loaded (exit code ${code ?? signal})`));
        return;
      }
      for (const measure of promised.slice(rows.length)) {
        add(unmeasured(area, measure, `failed: its process ended early (${code ?? signal})`));
      }
      resolve(rows);
    });
  });
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const areas = findAreas();
  const unknown = positionals.find((area) => !areas.includes(area));
  if (unknown !== undefined) {
    process.stderr.write(`No area "${unknown}". There is: ${areas.join(', ')}\n`);
    return 2;
  }
  const print = (text: string): void => {
    if (!values.json) process.stdout.write(`${text}\n`);
  };
  print(heading);
  const rows: Row[] = [];
  for (const file of (positionals.length > 0 ? positionals : areas).flatMap(findFiles)) {
    rows.push(...(await measureFile(file, (row) => print(formatRow(row)))));
  }
  print(formatSum(rows));
  if (values.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  return rows.every(({ ok }) => ok) ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
