// What a caller asks of an agent, read before anything is asked of the network: a call that makes no sense costs
// nobody a look-up.

import type { JsonObject, JsonValue } from '@countersign/core';
import { AgentError } from './error.js';
import type { AgentCall } from './handlers/handler.js';

/** A call with its defaults in place; its arguments are a copy that nobody changes any more. */
export interface ReadyCall {
  readonly method: string;
  readonly args: JsonObject;
  readonly path: string;
}

/**
 * Reads a call.
 *
 * @throws AgentError ERR_CALL_INVALID for an empty method, a path that does not begin with "/", and arguments
 *   that JSON has no way to write (circular, a BigInt) or that are no object
 */
export function readCall({ method, args = {}, path = '/' }: AgentCall): ReadyCall {
  if (typeof method !== 'string' || method.trim() === '')
    throw invalid('the method of a call is a name, not empty');
  if (typeof path !== 'string' || !path.startsWith('/')) throw invalid('the path of a call begins with "/"');
  let copy: JsonValue;
  try {
    copy = JSON.parse(JSON.stringify(args));
  } catch (cause) {
    throw invalid('the arguments of a call must be JSON: nothing circular, no BigInt', cause);
  }
  if (typeof copy !== 'object' || copy === null || isList(copy)) {
    throw invalid('the arguments of a call are a JSON object');
  }
  return { method, args: copy, path };
}

function isList(value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function invalid(message: string, cause?: unknown): AgentError {
  return new AgentError('ERR_CALL_INVALID', message, cause === undefined ? undefined : { cause });
}
