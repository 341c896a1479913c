// Programs that tests start: short ones run to their end under a deadline, daemons awaited until they answer
// and always ended.

import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { binary } from '../servers.js';

const runTimeoutMs = 30_000;
const readyTimeoutMs = 30_000;
const stopTimeoutMs = 5_000;
const maxLogChars = 20_000;

/** What a program left behind. */
export interface Finished {
  /** Null when a signal ended it, as the deadline does. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Beside the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default 30000. */
  readonly timeoutMs?: number;
}

/** Runs a program, named or by its path, to its end, whatever its exit code. */
export function runProgram(program: string, args: readonly string[], options: RunOptions = {}) {
  const path = program.includes('/') ? program : binary(program);
  return new Promise<Finished>((resolve, reject) => {
    const child = spawn(path, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? runTimeoutMs,
      killSignal: 'SIGKILL',
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output.stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...output }));
  });
}

/** Runs a program that has to succeed and gives its standard output; its messages are in the error otherwise. */
export async function mustRun(program: string, args: readonly string[], options: RunOptions = {}) {
  const { code, stdout, stderr } = await runProgram(program, args, options);
  if (code === 0) return stdout;
  throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${stderr}${stdout}`);
}

/** A server that runs until it is stopped. */
export interface Daemon {
  /** What it has written so far, the latest 20000 characters. */
  log(): string;
  /** Ends it, by force after 5 seconds. */
  stop(): Promise<void>;
}

/**
 * Starts a server in the foreground and waits until it answers.
 *
 * @param isReady asked again and again; a rejection counts as "not yet"
 * @throws Error with the server's own log when it ends early or is not ready within 30 seconds
 */
export async function startDaemon(
  program: string,
  args: readonly string[],
  isReady: () => Promise<unknown>,
  options: RunOptions = {},
): Promise<Daemon> {
  const child = spawn(binary(program), args, { cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-maxLogChars);
    });
  }
  let ended: string | undefined;
  const end = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      ended = error.message;
      resolve();
    });
    child.once('close', (code, signal) => {
      ended = `exit code ${code ?? signal}`;
      resolve();
    });
  });
  // A worker that ends without its hooks must not leave servers behind.
  const killNow = () => child.kill('SIGKILL');
  process.once('exit', killNow);

  const stop = async () => {
    process.off('exit', killNow);
    if (ended !== undefined) return;
    child.kill('SIGTERM');
    const force = setTimeout(killNow, stopTimeoutMs);
    await end;
    clearTimeout(force);
  };

  const deadline = Date.now() + readyTimeoutMs;
  for (;;) {
    if (ended !== undefined) throw new Error(`${program} ended early (${ended}); its log:\n${log}`);
    const ready = await isReady().then(
      () => true,
      () => false,
    );
    if (ready) return { log: () => log, stop };
    if (Date.now() > deadline) {
      await stop();
      throw new Error(`${program} was not ready within ${readyTimeoutMs} ms; its log:\n${log}`);
    }
    await sleep(50);
  }
}
