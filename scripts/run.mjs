// Runs one program in the foreground: its output is ours, a signal that reaches us reaches it and ends us
// after it, and its exit code is the result. Plain Node, because it runs before anything is installed.

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** The workspace's folder, with its final slash. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs a program to its end.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, timeoutMs?: number, shell?: boolean }} [options] `timeoutMs`: default none
 * @returns {Promise<number>} its exit code; 128 and the signal's number when a signal ended it
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: options.env ?? process.env,
      shell: options.shell ?? false,
      stdio: 'inherit',
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    });
    let interrupted = false;
    const forward = (signal) => {
      interrupted = true;
      // Ctrl-C in a terminal goes to the whole foreground group: a second one would cut the child's tidying short.
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, forward);
    const settle = (action) => {
      for (const signal of signals) process.off(signal, forward);
      action();
    };
    child.once('error', (error) => settle(() => reject(error)));
    child.once('exit', (exitCode, signal) =>
      settle(() => {
        const code = exitCode ?? 128 + (signal === null ? 0 : constants.signals[signal]);
        // Who asked us to stop does not want the next step.
        if (interrupted) process.exit(code);
        resolve(code);
      }),
    );
  });
}
