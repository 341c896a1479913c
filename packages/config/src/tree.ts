// The values of a YAML document with the place of each, so that what a schema finds wrong can be shown
// where it was written. Bounded in nodes, aliases and depth: a small file can describe an endless tree.

import {
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  Parser,
  parseDocument,
  type Range,
} from 'yaml';
import type { ConfigProblem } from './error.js';
import { type Environment, expand } from './expand.js';
import type { Path } from './schema.js';

const maxDepth = 32;
const maxNodes = 20_000;
const maxAliases = 100;

/** Where a value stands, and where the key that names it. */
export interface Place {
  readonly value: Position;
  readonly key: Position;
  /** The environment variables that are part of the value: its text must not be shown. */
  readonly variables: readonly string[];
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** What the reader asks about the place that a text or an empty value stands at. */
export interface Reader {
  readonly env: Environment;
  /** Reads a text that came from the environment as the type wanted at the path. */
  readText(text: string, path: Path): unknown;
  /** True for a value that may be shown in an error although it came from the environment. */
  isPlainWord(value: unknown, path: Path): boolean;
  /** True when a section may stand there: an empty value then is an empty section. */
  acceptsObject(path: Path): boolean;
}

export interface Tree {
  readonly value: unknown;
  readonly places: ReadonlyMap<string, Place>;
  readonly problems: readonly ConfigProblem[];
  /** The values that came from the environment: none of them may appear in an error. */
  readonly secrets: readonly string[];
}

/** `dns.servers[0]`, as errors write a path. */
export function formatPath(path: Path): string {
  return path
    .map((key, index) =>
      typeof key === 'number' ? `[${key}]` : index === 0 ? String(key) : `.${String(key)}`,
    )
    .join('');
}

/** Parses YAML text. Syntax errors are problems of the tree; its value is then undefined. */
export function readTree(text: string, file: string, reader: Reader): Tree {
  const lines = new LineCounter();
  const failed = (problems: ConfigProblem[]): Tree => ({
    value: undefined,
    places: new Map(),
    problems,
    secrets: [],
  });
  // The composer recurses, and a stack that runs out inside it can end the process: count first.
  if (isDeeperThan(text, maxDepth)) {
    return failed([{ file, line: 1, column: 1, path: '', message: tooDeep }]);
  }
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    return failed(
      faults.slice(0, 20).map((fault) => {
        const { line, col } = lines.linePos(fault.pos[0]);
        return { file, line, column: col, path: '', message: sayFault(fault.code, fault.message) };
      }),
    );
  }
  const walk = new Walk(document, file, lines, reader);
  const value = walk.read(document.contents, []);
  return { value: value ?? {}, places: walk.places, problems: walk.problems, secrets: walk.secrets };
}

const tooDeep = `nested too deeply; at most ${maxDepth} levels are read`;

/** True when collections stand inside each other more than `limit` times; without recursion of its own. */
function isDeeperThan(text: string, limit: number): boolean {
  const open: { readonly token: CST.Token; readonly depth: number }[] = [];
  for (const token of new Parser().parse(text)) open.push({ token, depth: 0 });
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (depth > limit) return true;
    if (token.type === 'document' && token.value !== undefined) open.push({ token: token.value, depth });
    if (!('items' in token)) continue;
    for (const item of token.items) {
      if (item.key) open.push({ token: item.key, depth: depth + 1 });
      if (item.value) open.push({ token: item.value, depth: depth + 1 });
    }
  }
  return false;
}

function sayFault(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'duplicate key; keep one of the two';
  if (code === 'MULTIPLE_DOCS') return 'a second document; the configuration is one document';
  return `not valid YAML: ${unquoted[code] ?? message.split(/[\n:]/)[0]}`;
}

/** The faults whose messages quote the file in their midst; the others quote it only behind a colon. */
const unquoted: Readonly<Record<string, string>> = {
  BAD_DIRECTIVE: 'Unknown directive; a value that begins with % must be quoted',
  BAD_DQ_ESCAPE: 'Invalid escape sequence; write a backslash as \\\\, or use single quotes',
  TAG_RESOLVE_FAILED: 'Unresolved tag; a value that begins with ! must be quoted',
};

class Walk {
  readonly places = new Map<string, Place>();
  readonly problems: ConfigProblem[] = [];
  readonly secrets: string[] = [];
  private nodes = 0;
  private aliases = 0;
  private stopped = false;

  constructor(
    private readonly document: Document.Parsed<ParsedNode>,
    private readonly file: string,
    private readonly lines: LineCounter,
    private readonly reader: Reader,
  ) {}

  read(node: Node | null | undefined, path: Path, key?: Position): unknown {
    const position = this.positionOf(node) ?? key ?? { line: 1, column: 1 };
    const keyPosition = key ?? position;
    this.nodes += 1;
    if (path.length > maxDepth) return this.stop(path, position, tooDeep);
    if (this.nodes > maxNodes) return this.stop(path, position, `more than ${maxNodes} values`);
    if (this.stopped) return undefined;

    if (isAlias(node)) {
      this.aliases += 1;
      if (this.aliases > maxAliases) return this.stop(path, position, `more than ${maxAliases} aliases`);
      const target = node.resolve(this.document);
      if (target === undefined) return this.stop(path, position, 'an alias without its anchor');
      return this.read(target, path, keyPosition);
    }
    this.place(path, position, keyPosition);
    if (isMap(node)) return this.readMap(node.items, path);
    if (isSeq(node)) return node.items.map((item, index) => this.read(asNode(item), [...path, index]));
    if (!isScalar(node) || node.value === null) return this.reader.acceptsObject(path) ? {} : null;
    if (typeof node.value === 'string') return this.readText(node.value, path, position);
    // A tag such as !!binary makes an object that is no section.
    if (typeof node.value === 'object') this.report(path, position, 'this type of value cannot be used here');
    return node.value;
  }

  private readMap(
    items: readonly { readonly key: unknown; readonly value: unknown }[],
    path: Path,
  ): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    for (const { key, value } of items) {
      const position = this.positionOf(asNode(key)) ?? { line: 1, column: 1 };
      if (!isScalar(key) || typeof key.value !== 'string') {
        this.report(path, position, 'a key must be text; write it in quotes');
        continue;
      }
      // Plain objects treat this key as their prototype.
      if (key.value === '__proto__') {
        this.report([...path, key.value], position, 'this key cannot be used here');
        continue;
      }
      entries.push([key.value, this.read(asNode(value), [...path, key.value], position)]);
    }
    return Object.fromEntries(entries);
  }

  private readText(text: string, path: Path, position: Position): unknown {
    const expansion = expand(text, this.reader.env);
    for (const problem of expansion.problems) this.report(path, position, problem);
    if (expansion.variables.length === 0) return expansion.text;
    const place = this.places.get(pathKey(path));
    if (place !== undefined) {
      this.places.set(pathKey(path), { ...place, variables: expansion.variables });
    }
    const value = this.reader.readText(expansion.text, path);
    if (!this.reader.isPlainWord(value, path)) {
      for (const name of expansion.variables) this.secrets.push(this.reader.env[name] ?? '');
    }
    return value;
  }

  private place(path: Path, value: Position, key: Position): void {
    this.places.set(pathKey(path), { value, key, variables: [] });
  }

  private report(path: Path, { line, column }: Position, message: string): void {
    this.problems.push({ file: this.file, line, column, path: formatPath(path), message });
  }

  private stop(path: Path, position: Position, message: string): undefined {
    if (!this.stopped) this.report(path.slice(0, 4), position, message);
    this.stopped = true;
    return undefined;
  }

  private positionOf(node: Node | null | undefined): Position | undefined {
    const range: Range | null | undefined = node?.range;
    if (range === null || range === undefined) return undefined;
    const { line, col } = this.lines.linePos(range[0]);
    return { line, column: col };
  }
}

function asNode(value: unknown): Node | null {
  return isMap(value) || isSeq(value) || isScalar(value) || isAlias(value) ? value : null;
}

/** Paths as keys of a map: `['a.b']` and `['a', 'b']` differ, and so do `0` and `'0'`. */
export function pathKey(path: Path): string {
  return JSON.stringify(path.map((key) => (typeof key === 'symbol' ? String(key) : key)));
}
