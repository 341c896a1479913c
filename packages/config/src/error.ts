// Why a configuration was not taken: every problem with its place, so that one run shows all of them.

import { CountersignError } from '@countersign/core';

/** One thing that is wrong with the configuration. */
export interface ConfigProblem {
  /** The file, as it was named by the caller; absent when the value came from an environment variable. */
  readonly file?: string;
  /** Counted from 1; in columns of UTF-16 code units, as editors count them. */
  readonly line?: number;
  readonly column?: number;
  /** The environment variable that the value came from. */
  readonly variable?: string;
  /** The key path, for instance `dns.servers[0]`; empty for the whole file. */
  readonly path: string;
  /** What is wrong and, where that can be said, what would be valid. Never holds a variable's value. */
  readonly message: string;
}

/**
 * The configuration cannot be used.
 *
 * `ERR_CONFIG_INVALID`: the file or an environment variable is wrong; `problems` holds every place.
 * `ERR_CONFIG_UNREADABLE`: a file could not be read, or is larger than allowed.
 */
export class ConfigError extends CountersignError {
  override readonly name: string = 'ConfigError';

  constructor(
    override readonly code: 'ERR_CONFIG_INVALID' | 'ERR_CONFIG_UNREADABLE',
    message: string,
    readonly problems: readonly ConfigProblem[] = [],
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}

/** The error that reports `problems`, one a line, in the order of the file. */
export function invalidConfig(problems: readonly ConfigProblem[]): ConfigError {
  const ordered = [...problems].sort(
    (a, b) => (a.line ?? Infinity) - (b.line ?? Infinity) || (a.column ?? 0) - (b.column ?? 0),
  );
  const count = ordered.length === 1 ? '1 problem' : `${ordered.length} problems`;
  const lines = ordered.map((problem) => `  ${formatProblem(problem)}`);
  return new ConfigError(
    'ERR_CONFIG_INVALID',
    [`the configuration has ${count}:`, ...lines].join('\n'),
    ordered,
  );
}

/** `countersign.yaml:3:5: discovery.prefer_dane: expected true or false, found text`. */
export function formatProblem(problem: ConfigProblem): string {
  const parts: string[] = [];
  if (problem.file !== undefined && problem.line !== undefined) {
    parts.push(`${problem.file}:${problem.line}:${problem.column ?? 1}`);
  } else if (problem.file !== undefined) {
    parts.push(problem.file);
  }
  if (problem.variable !== undefined) parts.push(`environment variable ${problem.variable}`);
  if (problem.path !== '') parts.push(problem.path);
  return [...parts, problem.message].join(': ');
}
