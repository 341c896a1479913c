// What every protocol handler is given and gives back. A handler runs after the gates; it knows no DNS and no TLS.

import type { JsonObject, JsonValue } from '@countersign/core';
import type { Fetch } from '../bounded-fetch.js';
import { AgentError } from '../error.js';

/** What the caller wants of an agent. */
export interface AgentCall {
  /** MCP: `tools/list`, `tools/call` or a tool's name. HTTPS: the last part of the path. */
  readonly method: string;
  readonly args?: JsonObject;
  /** Where the agent's endpoint begins on its host. Default "/". */
  readonly path?: string;
}

export interface HandlerInput {
  /** The endpoint: scheme, host, port and the call's path. */
  readonly url: URL;
  readonly method: string;
  readonly args: JsonObject;
  readonly fetch: Fetch;
  /** Ends the call; its reason is an AgentError. */
  readonly signal: AbortSignal;
}

/** How the agent answered. Failures of the connection reject instead. */
export type HandlerOutcome =
  | { readonly ok: true; readonly data: JsonValue; readonly detail: string }
  | { readonly ok: false; readonly data: JsonValue; readonly reason: string; readonly detail: string };

export type Handler = (input: HandlerInput) => Promise<HandlerOutcome>;

/** Levels of nesting in an answer. What is nested by the thousand overflows the stack of whoever walks it. */
const MAX_DEPTH = 200;

/**
 * JSON text as a value.
 *
 * @throws SyntaxError when it is no JSON
 * @throws AgentError ERR_PROTOCOL_ERROR when it is nested more than 200 levels deep
 */
export function parseJson(text: string): JsonValue {
  const value: JsonValue = JSON.parse(text);
  if (isDeeperThan(text, MAX_DEPTH)) {
    throw new AgentError('ERR_PROTOCOL_ERROR', `the answer is nested more than ${MAX_DEPTH} levels deep`);
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
