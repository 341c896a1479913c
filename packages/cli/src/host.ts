// What the command needs of the process that it runs in: handed in, so that a test can be the process.

import type { Environment } from '@countersign/config';

/** A place to print to. */
export interface Output {
  write(text: string): void;
  /** True for a terminal: colours are for people only. */
  readonly isTTY: boolean;
  /** The terminal's width in columns, where it is known. */
  readonly columns?: number;
}

/** The process, as the command sees it. */
export interface Host {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Environment;
  /** Aborted when the user wants to stop (Ctrl-C). */
  readonly signal: AbortSignal;
}
