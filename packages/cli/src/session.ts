// One run of the command: how a verb's result or failure is shown, and with which exit code it ends.

import { isCountersignError, type JsonValue } from '@countersign/core';
import { CommanderError } from 'commander';
import type { Host } from './host.js';
import { hang, jsonText, type Report, type Style, styleFor, withoutSteering } from './output.js';

/** It holds. */
export const exitHolds = 0;
/** It does not hold: refused, failed, not verified. */
const exitFails = 1;
/** The command line is wrong, or something went wrong while running. */
const exitError = 2;
/** Stopped by Ctrl-C, as shells report it: 128 + SIGINT. */
const exitInterrupted = 130;

/** One run of the command. */
export class Session {
  exitCode: number = exitHolds;
  readonly style: Style;

  constructor(
    readonly host: Host,
    readonly json: boolean,
    readonly quiet: boolean,
  ) {
    this.style = styleFor(host.stdout, host.env);
  }

  /** Runs a verb's body and shows its report. */
  async run(body: () => Promise<Report>): Promise<void> {
    this.host.signal.throwIfAborted();
    const report = await body();
    this.host.signal.throwIfAborted();
    this.exitCode = report.holds ? exitHolds : exitFails;
    if (this.json) this.document(report.json);
    else this.say(report.lines(this.style));
  }

  /** Prints lines for people at once; nothing with `--json` or `--quiet`. */
  say(lines: readonly string[]): void {
    if (this.json || this.quiet) return;
    for (const line of lines) this.host.stdout.write(`${line.trimEnd()}\n`);
  }

  /** Shows why a run ended without a report, and sets its exit code. */
  fail(error: unknown): void {
    if (this.host.signal.aborted) {
      this.exitCode = exitInterrupted;
      if (this.json) this.document({ error: { code: 'ERR_INTERRUPTED', message: 'interrupted' } });
      return;
    }
    this.exitCode = exitError;
    const { code, message } = describe(error);
    if (this.json) {
      this.document({ error: { code, message } });
      return;
    }
    const style = styleFor(this.host.stderr, this.host.env);
    // The lines of a message are kept: a configuration's problems stand one a line.
    const [first = '', ...rest] = message.split('\n');
    const head = 'countersign: ';
    const lines = [
      ...hang(style.bad(head), head.length, withoutSteering(first), style),
      ...rest.map(withoutSteering),
    ];
    for (const line of lines) this.host.stderr.write(`${line}\n`);
  }

  private document(value: JsonValue): void {
    this.host.stdout.write(jsonText(value));
  }
}

function describe(error: unknown): { readonly code: string; readonly message: string } {
  if (isCountersignError(error)) return { code: error.code, message: error.message };
  if (error instanceof CommanderError) {
    return { code: 'ERR_USAGE', message: error.message.replace(/^error: /, '') };
  }
  return { code: 'ERR_UNEXPECTED', message: error instanceof Error ? error.message : 'unknown error' };
}
