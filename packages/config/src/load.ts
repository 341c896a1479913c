// Loads one YAML configuration by a schema that the caller composed: values of the file, over them the
// environment's, every problem with its place.

import type { z } from 'zod';
import { type ConfigProblem, invalidConfig } from './error.js';
import type { Environment } from './expand.js';
import { readTextFile } from './file.js';
import { describeIssue } from './issue.js';
import { acceptsObject, isPlainWord, type Path, readText } from './schema.js';
import { pathKey, readTree, type Tree } from './tree.js';

const maxBytes = 256 * 1024;

/** Which key an environment variable sets: `{ DNS_AID_REQUIRE_DANE: 'discovery.require_dane' }`. */
export type EnvironmentKeys = Readonly<Record<string, string>>;

export interface LoadOptions<Schema extends z.ZodType> {
  /** What the whole file may hold. Make every object strict, or unknown keys go unnoticed. */
  readonly schema: Schema;
  /** The file to read. Without `file` and `text` only the environment counts. */
  readonly file?: string;
  /** The text itself, in place of reading `file`; `file` then only names it in errors. */
  readonly text?: string;
  /** The environment for `${VAR}` and for `environmentKeys`; nothing else is read from the process. */
  readonly env: Environment;
  /** Variables that override the file, key paths written with dots. An empty variable counts as not set. */
  readonly environmentKeys?: EnvironmentKeys;
}

/**
 * The configuration, as the schema gives it out.
 *
 * A file is at most 256 KiB. `${VAR}` in a text expands from `env`, `$${` stands for `${`. A text that came
 * from the environment is read as the type that the schema wants: `true/false/1/0/yes/no/on/off`, a number,
 * a list separated by commas or spaces.
 *
 * @throws ConfigError ERR_CONFIG_INVALID with every problem's file, line, column and key path;
 *   ERR_CONFIG_UNREADABLE when the file cannot be read
 */
export async function loadConfig<Schema extends z.ZodType>(
  options: LoadOptions<Schema>,
): Promise<z.output<Schema>> {
  const { schema, env } = options;
  const file = options.file ?? (options.text === undefined ? undefined : 'config');
  const text =
    options.text ??
    (options.file === undefined
      ? undefined
      : await readTextFile(options.file, 'the configuration', maxBytes));
  if (file !== undefined && text !== undefined && Buffer.byteLength(text) > maxBytes) {
    throw invalidConfig([{ file, path: '', message: `larger than ${maxBytes} bytes` }]);
  }

  const tree: Tree =
    file === undefined || text === undefined
      ? { value: {}, places: new Map(), problems: [], secrets: [] }
      : readTree(text, file, {
          env,
          readText: (value, path) => readText(value, schema, path),
          isPlainWord: (value, path) => isPlainWord(value, schema, path),
          acceptsObject: (path) => acceptsObject(schema, path),
        });
  if (tree.value === undefined) throw invalidConfig(tree.problems);

  const overridden = override(tree.value, schema, env, options.environmentKeys ?? {});
  const parsed = schema.safeParse(overridden.value);
  const origins = {
    schema,
    value: overridden.value,
    file,
    places: tree.places,
    overrides: overridden.variables,
    secrets: [...tree.secrets, ...overridden.secrets],
  };
  const issues = parsed.success ? [] : parsed.error.issues.flatMap((issue) => describeIssue(issue, origins));
  const known = new Set(tree.problems.map((problem) => problem.path));
  const problems: ConfigProblem[] = [...tree.problems, ...issues.filter(({ path }) => !known.has(path))];
  if (!parsed.success || problems.length > 0) throw invalidConfig(problems);
  return parsed.data;
}

/** The value with the environment's on top, and which variable gave which path. */
function override(value: unknown, schema: z.ZodType, env: Environment, keys: EnvironmentKeys) {
  const variables = new Map<string, string>();
  const secrets: string[] = [];
  let result = value;
  for (const [name, dotted] of Object.entries(keys)) {
    const text = env[name];
    if (text === undefined || text === '') continue;
    const path = dotted.split('.');
    const read = readText(text, schema, path);
    if (!isPlainWord(read, schema, path)) secrets.push(text);
    variables.set(pathKey(path), name);
    result = setAt(result, path, read);
  }
  return { value: result, variables, secrets };
}

// A section that is no mapping is left as it is: the schema reports it where it stands.
function setAt(target: unknown, path: Path, value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (target === undefined) return setAt({}, path, value);
  if (typeof target !== 'object' || target === null || Array.isArray(target)) return target;
  const inner: unknown = Object.hasOwn(target, key) ? Reflect.get(target, key) : undefined;
  return { ...target, [key]: setAt(inner, rest, value) };
}
