// JSON that an agent sent, as a value: bounded in depth.

import type { JsonValue } from '@countersign/core';
import { AgentError } from '../error.js';

/** Levels of nesting in an answer. What is nested by the thousand overflows the stack of whoever walks it. */
const maxDepth = 200;

/**
 * JSON text as a value.
 *
 * @throws SyntaxError when it is no JSON
 * @throws AgentError ERR_PROTOCOL_ERROR when it is nested more than 200 levels deep
 */
export function parseJson(text: string): JsonValue {
  const value: JsonValue = JSON.parse(text);
  if (isDeeperThan(text, maxDepth)) {
    throw new AgentError('ERR_PROTOCOL_ERROR', `the answer is nested more than ${maxDepth} levels deep`);
  }
  return value;
}

/** Counts the brackets of valid JSON outside its strings. */
function isDeeperThan(json: string, limit: number): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '"') {
      for (at += 1; json[at] !== '"'; at++) if (json[at] === '\\') at += 1;
    } else if (character === '[' || character === '{') {
      depth += 1;
      if (depth > limit) return true;
    } else if (character === ']' || character === '}') depth -= 1;
  }
  return false;
}

/** JSON text as a value, or the text itself when it is none. */
export function jsonOrText(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
