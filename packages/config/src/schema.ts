// What a zod schema wants at a key path: the loader uses it to read an environment variable's text as the
// type that stands there, and to say what would have been valid.

import { z } from 'zod';

type Schema = z.core.$ZodType;
export type Path = readonly PropertyKey[];

/** The schemas that may stand at a path; several where the schema is a union, none where the path is unknown. */
function schemasAt(schema: Schema, path: Path): readonly Schema[] {
  let found: readonly Schema[] = alternatives(schema);
  for (const key of path) found = found.flatMap((one) => childOf(one, key)).flatMap(alternatives);
  return found;
}

/** The keys that the object at a path may have. */
export function keysAt(schema: Schema, path: Path): readonly string[] {
  const keys = schemasAt(schema, path).flatMap((one) =>
    one instanceof z.core.$ZodObject ? Object.keys(one._zod.def.shape) : [],
  );
  return [...new Set(keys)];
}

/** True when a mapping may stand at the path. */
export function acceptsObject(schema: Schema, path: Path): boolean {
  return schemasAt(schema, path).some(
    (one) => one instanceof z.core.$ZodObject || one instanceof z.core.$ZodRecord,
  );
}

/** The text of an environment variable, read as the type that the schema wants at the path; else as it is. */
export function readText(text: string, schema: Schema, path: Path): unknown {
  const wanted = schemasAt(schema, path);
  if (wanted.some((one) => one instanceof z.core.$ZodBoolean)) {
    const word = text.trim().toLowerCase();
    if (['1', 'true', 'yes', 'on'].includes(word)) return true;
    if (['0', 'false', 'no', 'off'].includes(word)) return false;
  }
  if (wanted.some((one) => one instanceof z.core.$ZodNumber) && /^\s*-?\d+(\.\d+)?\s*$/.test(text)) {
    return Number(text);
  }
  if (
    wanted.some((one) => one instanceof z.core.$ZodArray) &&
    !wanted.some((one) => one instanceof z.core.$ZodString)
  ) {
    const items = text.split(/[\s,]+/).filter((item) => item !== '');
    return items.map((item, index) => readText(item, schema, [...path, index]));
  }
  return text;
}

/** True for a value that no secret can be: a number, a switch, one of the schema's own words. */
export function isPlainWord(value: unknown, schema: Schema, path: Path): boolean {
  if (typeof value === 'number' || typeof value === 'boolean') return true;
  return schemasAt(schema, path).some(
    (one) =>
      one instanceof z.core.$ZodEnum && Object.values(one._zod.def.entries).some((word) => word === value),
  );
}

function childOf(schema: Schema, key: PropertyKey): readonly Schema[] {
  if (schema instanceof z.core.$ZodObject) {
    const { shape } = schema._zod.def;
    const child = typeof key === 'string' && Object.hasOwn(shape, key) ? shape[key] : undefined;
    return child === undefined ? [] : [child];
  }
  if (schema instanceof z.core.$ZodArray) return typeof key === 'number' ? [schema._zod.def.element] : [];
  if (schema instanceof z.core.$ZodRecord) return [schema._zod.def.valueType];
  return [];
}

/** What is left of a schema without its wrappers. */
function alternatives(schema: Schema): readonly Schema[] {
  if (
    schema instanceof z.core.$ZodOptional ||
    schema instanceof z.core.$ZodNullable ||
    schema instanceof z.core.$ZodDefault ||
    schema instanceof z.core.$ZodPrefault ||
    schema instanceof z.core.$ZodReadonly ||
    schema instanceof z.core.$ZodNonOptional ||
    schema instanceof z.core.$ZodCatch
  ) {
    return alternatives(schema._zod.def.innerType);
  }
  if (schema instanceof z.core.$ZodPipe) return alternatives(schema._zod.def.in);
  if (schema instanceof z.core.$ZodLazy) return alternatives(schema._zod.def.getter());
  if (schema instanceof z.core.$ZodUnion) return schema._zod.def.options.flatMap(alternatives);
  if (schema instanceof z.core.$ZodIntersection) {
    return [...alternatives(schema._zod.def.left), ...alternatives(schema._zod.def.right)];
  }
  return [schema];
}
