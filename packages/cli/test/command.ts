// Runs the command for tests: inside the test with a host of its own, or as the built program.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Host } from '../src/host.js';
import { main } from '../src/program.js';

export const bin = fileURLToPath(new URL('../dist/bin.js', import.meta.url));

/** What a run printed and how it ended. */
export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command inside the test. */
export async function run(
  argv: readonly string[],
  options: { readonly env?: Host['env']; readonly isTTY?: boolean; readonly signal?: AbortSignal } = {},
): Promise<Run> {
  const printed = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      printed[name] += text;
    },
    isTTY: options.isTTY ?? false,
  });
  const code = await main(argv, {
    stdout: output('stdout'),
    stderr: output('stderr'),
    env: options.env ?? {},
    signal: options.signal ?? new AbortController().signal,
  });
  return { code, ...printed };
}

/** A run of the built program that is still going. */
export interface Running {
  readonly ended: Promise<Run>;
  /** Resolves when standard output holds the text. */
  readonly printed: (text: string) => Promise<void>;
  readonly interrupt: () => void;
}

/** Starts the built program. */
export function start(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  if (!existsSync(bin)) throw new Error('build first: npx tsc -b packages/cli');
  const child = spawn(process.execPath, [bin, ...argv], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // What hangs must not outlive its test.
    timeout: 15_000,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Run>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    ended,
    printed: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (stdout.includes(text)) resolve();
        };
        child.stdout.on('data', look);
        child.on('close', () => reject(new Error(`ended without ${text}: ${stdout}${stderr}`)));
        look();
      }),
    interrupt: () => {
      child.kill('SIGINT');
    },
  };
}

/** Runs the built program to its end. */
export function runBuilt(argv: readonly string[], env?: Readonly<Record<string, string>>): Promise<Run> {
  return start(argv, env).ended;
}
