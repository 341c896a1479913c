// The parts of scripts/ that decide something: the totals of a test run, and which servers are missing.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBinary, missingServers, servers } from '../scripts/servers.mjs';
import { runProgram } from './support/program.js';

describe('the totals', () => {
  const script = fileURLToPath(new URL('../scripts/totals.mjs', import.meta.url));
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-totals-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function totals(report: string) {
    const path = join(folder, 'report.json');
    await writeFile(path, report);
    return runProgram(process.execPath, [script, path]);
  }

  const report = (...files: readonly (readonly [status: string, tests: readonly string[]])[]) =>
    JSON.stringify({
      numPassedTests: 5,
      numFailedTests: 1,
      numPendingTests: 2,
      numTodoTests: 1,
      testResults: files.map(([status, tests]) => ({
        status,
        assertionResults: tests.map((one) => ({ status: one })),
      })),
    });

  test('count a todo as skipped', async () => {
    const { stdout, code } = await totals(report(['failed', ['passed', 'failed']], ['passed', ['passed']]));
    expect(stdout).toBe('5 1 3\n');
    expect(code).toBe(0);
  });

  test('count a file that could not be loaded as one failure', async () => {
    const { stdout } = await totals(report(['failed', ['passed', 'failed']], ['failed', []]));
    expect(stdout).toBe('5 2 3\n');
  });

  test('are not given out for a report that broke off', async () => {
    const { stdout, code } = await totals(report().slice(0, 40));
    expect(stdout).toBe('');
    expect(code).not.toBe(0);
  });
});

describe('the table of servers', () => {
  test('finds a program by the search path', () => {
    expect(findBinary('sh')).toMatch(/\/sh$/);
    expect(findBinary('countersign-no-such-program')).toBeUndefined();
  });

  test('refuses a name that it does not have, so that no suite is skipped for a slip of the pen', () => {
    expect(() => missingServers(['bind'])).toThrow(/No server "bind"/);
    expect(missingServers().every((server) => servers.includes(server))).toBe(true);
  });
});
