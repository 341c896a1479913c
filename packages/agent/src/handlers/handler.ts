// What every protocol handler is given and gives back. A handler runs after the gates; it knows no DNS and no TLS.

import type { JsonObject, JsonValue } from '@countersign/core';
import type { Fetch } from '../bounded-fetch.js';

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
