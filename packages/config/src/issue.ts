// What a schema found wrong, in the words of the file: where it stands, what is wrong, what would be valid.
// Values are never repeated: a file may hold a secret, and a variable usually does.

import type { z } from 'zod';
import type { ConfigProblem } from './error.js';
import { nearest } from './nearest.js';
import { keysAt, type Path } from './schema.js';
import { formatPath, type Place, pathKey } from './tree.js';

type Issue = z.core.$ZodIssue;

/** What the describer knows about the values that the schema judged. */
export interface Origins {
  readonly schema: z.core.$ZodType;
  readonly value: unknown;
  readonly file: string | undefined;
  readonly places: ReadonlyMap<string, Place>;
  /** The environment variable that gave the whole value at a path. */
  readonly overrides: ReadonlyMap<string, string>;
  readonly secrets: readonly string[];
}

/** The problems of one issue; one for each unknown key. */
export function describeIssue(issue: Issue, origins: Origins): readonly ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      return located(path, unknownKey(key, keysAt(origins.schema, issue.path)), origins);
    });
  }
  if (issue.code === 'invalid_union') {
    const branch = bestBranch(issue.errors);
    if (branch !== undefined) {
      return branch.flatMap((one) => describeIssue({ ...one, path: [...issue.path, ...one.path] }, origins));
    }
  }
  return [located(issue.path, say(issue, origins), origins)];
}

function unknownKey(key: string, valid: readonly string[]): string {
  const meant = nearest(key, valid);
  if (meant !== undefined) return `unknown key; did you mean ${meant}?`;
  if (valid.length === 0) return 'unknown key; no key is valid here';
  return `unknown key; valid keys: ${[...valid].sort().join(', ')}`;
}

function say(issue: Issue, origins: Origins): string {
  const value = valueAt(origins.value, issue.path);
  switch (issue.code) {
    case 'invalid_type':
      if (value === undefined) return `missing; expected ${typeName(issue.expected)}`;
      return `expected ${typeName(issue.expected)}, found ${foundName(value)}`;
    case 'invalid_value': {
      const options = issue.values.map(String);
      const meant = typeof value === 'string' ? nearest(value, options) : undefined;
      const hint =
        meant === undefined || isFromVariable(issue.path, origins) ? '' : `; did you mean ${meant}?`;
      return `expected ${options.length === 1 ? '' : 'one of '}${options.join(', ')}${hint}`;
    }
    case 'invalid_union':
      return `expected ${[...new Set(issue.errors.flatMap((branch) => branch.map(expectation)))].join(' or ')}`;
    default: {
      const message = `${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}`;
      if (!repeats(issue.message, origins.secrets)) return message;
      return 'the value that came from the environment is not valid here (it is not shown)';
    }
  }
}

function expectation(issue: Issue): string {
  if (issue.code === 'invalid_type') return typeName(issue.expected);
  if (issue.code === 'invalid_value') return issue.values.map(String).join(' or ');
  return 'another form';
}

// The alternative that was meant: the one whose own shape was right and only something inside was not.
function bestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return branches.find(
    (branch) =>
      branch.length > 0 &&
      branch.every((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys'),
  );
}

function located(path: Path, message: string, origins: Origins): ConfigProblem {
  const text = formatPath(path);
  const variable = lookUp(path, (key) => origins.overrides.get(key), true);
  if (variable !== undefined) return { variable, path: text, message };
  const { file } = origins;
  const place = origins.places.get(pathKey(path));
  const own = place ?? lookUp(path, (key) => origins.places.get(key), false);
  // A missing value is shown at the key of the section that lacks it; an unknown key at itself.
  const position = place === undefined || message.startsWith('unknown key') ? own?.key : own?.value;
  return {
    ...(file === undefined ? {} : { file }),
    ...(file === undefined || position === undefined ? {} : position),
    path: text,
    message,
  };
}

function isFromVariable(path: Path, origins: Origins): boolean {
  const place = origins.places.get(pathKey(path));
  return (place !== undefined && place.variables.length > 0) || origins.overrides.has(pathKey(path));
}

/** The nearest enclosing path for which there is an answer; the empty path only where `rooted` is false. */
function lookUp<T>(path: Path, get: (key: string) => T | undefined, rooted: boolean): T | undefined {
  for (let length = path.length; length >= (rooted ? 1 : 0); length--) {
    const found = get(pathKey(path.slice(0, length)));
    if (found !== undefined) return found;
  }
  return undefined;
}

function valueAt(value: unknown, path: Path): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = Reflect.get(found, key);
  }
  return found;
}

/**
 * True when a message repeats a part of a secret. A schema's own message may quote what it was given; four
 * characters in a row are taken as a quotation, and of a shorter secret the whole.
 */
function repeats(message: string, secrets: readonly string[]): boolean {
  const text = message.toLowerCase();
  return secrets.some((secret) => {
    const value = secret.toLowerCase().slice(0, 100_000);
    const size = Math.min(4, value.length);
    if (size === 0) return false;
    for (let at = 0; at + size <= value.length; at++) {
      if (text.includes(value.slice(at, at + size))) return true;
    }
    return false;
  });
}

function typeName(expected: string): string {
  const names: Readonly<Record<string, string>> = {
    boolean: 'true or false',
    number: 'a number',
    int: 'a whole number',
    string: 'text',
    array: 'a list',
    object: 'a section of keys',
    record: 'a section of keys',
    null: 'nothing',
  };
  return names[expected] ?? expected;
}

function foundName(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a section of keys';
  if (typeof value === 'string') return 'text';
  return `a ${typeof value}`;
}
