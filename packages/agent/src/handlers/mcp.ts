// A call of a Model Context Protocol agent over Streamable HTTP, by the official SDK's client on our verified
// fetch. One call is one session: initialize, the request, and the session ended.

import { isCountersignError, type JsonValue } from '@countersign/core';
import { quotePeer } from '@countersign/tls';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  StreamableHTTPClientTransport,
  StreamableHTTPError,
} from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema, ListToolsResultSchema, McpError } from '@modelcontextprotocol/sdk/types.js';
import type { Fetch } from '../bounded-fetch.js';
import { AgentError } from '../error.js';
import type { Handler, HandlerInput, HandlerOutcome } from './handler.js';
import { jsonOrText, parseJson } from './json.js';

/** The deadline of the call ends a request; the SDK's own timer must only not fire before it. */
const sdkTimeoutMs = 2 ** 31 - 1;
/** How long the end of a session may take; the answer is already there. Milliseconds. */
const goodbyeMs = 1000;

/** Calls the agent: `tools/list`, `tools/call` with `{name, arguments}`, or a tool by its name. */
export const callMcp: Handler = async (input) => {
  const { url, signal } = input;
  // Read before the connection is made: a call that makes no sense reaches nobody.
  const call = readToolCall(input);
  const transport = new StreamableHTTPClientTransport(url, {
    fetch: withoutListening(input.fetch),
    reconnectionOptions: {
      maxRetries: 0, // a call is not repeated behind the caller's back
      initialReconnectionDelay: 1000,
      maxReconnectionDelay: 1000,
      reconnectionDelayGrowFactor: 1,
    },
  });
  const client = new Client({ name: 'countersign', version: '0.1.0' });
  // What the SDK only reports, an event that is no message for instance, ends this call like what it throws.
  const reported = new Promise<never>((_, reject) => {
    client.onerror = reject;
  });
  try {
    const outcome = await Promise.race([converse(client, transport, call, input), reported]);
    await endSession(transport);
    return outcome;
  } catch (error) {
    signal.throwIfAborted();
    return explain(error);
  } finally {
    await client.close();
  }
};

async function converse(
  client: Client,
  transport: StreamableHTTPClientTransport,
  params: ToolCall | undefined,
  { args, signal }: HandlerInput,
): Promise<HandlerOutcome> {
  const options = { signal, timeout: sdkTimeoutMs };
  await client.connect(transport, options);
  // Requests go out as they are: the SDK's listTools() would compile the schemas that the peer sends.
  if (params === undefined) {
    const result = await client.request(
      { method: 'tools/list', params: args },
      ListToolsResultSchema,
      options,
    );
    return { ok: true, data: toJson(result), detail: `the agent listed ${result.tools.length} tools` };
  }
  const result = await client.request({ method: 'tools/call', params }, CallToolResultSchema, options);
  const data = toolData(result);
  const name = quotePeer(params.name, 64);
  if (result.isError === true) {
    const said = quotePeer(typeof data === 'string' ? data : JSON.stringify(data));
    return { ok: false, data, reason: 'tool_error', detail: `the tool ${name} failed: ${said}` };
  }
  return { ok: true, data, detail: `the tool ${name} answered` };
}

interface ToolCall {
  readonly name: string;
  readonly arguments: Record<string, unknown>;
  readonly [key: string]: unknown;
}

/** The tool that is to be called, or undefined when the tools are to be listed. */
function readToolCall({ method, args }: HandlerInput): ToolCall | undefined {
  if (method === 'tools/list') return undefined;
  if (method !== 'tools/call') return { name: method, arguments: { ...args } };
  const { name, arguments: given = {} } = args;
  if (typeof name !== 'string' || given === null || typeof given !== 'object' || Array.isArray(given)) {
    throw new AgentError(
      'ERR_CALL_INVALID',
      'tools/call wants the arguments {"name": TEXT, "arguments": OBJECT}',
    );
  }
  return { name, arguments: { ...given } };
}

/** Structured content where there is some; else the one text, as JSON when it is JSON; else every block. */
function toolData(result: { content: readonly unknown[]; structuredContent?: unknown }): JsonValue {
  if (result.structuredContent !== undefined) return toJson(result.structuredContent);
  const [first, ...more] = result.content;
  if (first === undefined) return null;
  if (more.length === 0 && isTextBlock(first)) return jsonOrText(first.text);
  return toJson(result.content);
}

function isTextBlock(block: unknown): block is { type: 'text'; text: string } {
  if (typeof block !== 'object' || block === null || !('type' in block) || !('text' in block)) return false;
  return block.type === 'text' && typeof block.text === 'string';
}

/** What the SDK decoded, as plain JSON. */
function toJson(value: unknown): JsonValue {
  return parseJson(JSON.stringify(value));
}

/** The stream for unasked messages of the server is not opened: a single call has nobody to hear them. */
function withoutListening(fetch: Fetch): Fetch {
  return async (url, init) =>
    init?.method === undefined || init.method === 'GET'
      ? new Response(null, { status: 405 })
      : fetch(url, init);
}

/** Tells the server that the session is over, as the protocol asks; that it fails changes nothing. */
async function endSession(transport: StreamableHTTPClientTransport): Promise<void> {
  if (transport.sessionId === undefined) return;
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, goodbyeMs);
  });
  await Promise.race([transport.terminateSession().catch(() => undefined), patience]);
  clearTimeout(timer);
}

/** An answer that is an error, or one that is no MCP; failures of the connection are thrown on. */
function explain(error: unknown): HandlerOutcome {
  if (error instanceof StreamableHTTPError && error.code !== undefined && error.code >= 100) {
    const detail = `the agent answered with HTTP status ${error.code}`;
    return { ok: false, data: null, reason: 'http_status', detail };
  }
  if (isCountersignError(error) || (error instanceof TypeError && error.cause !== undefined)) throw error;
  const said = quotePeer(error instanceof Error ? error.message : String(error));
  const detail =
    error instanceof McpError ? `the agent answered with an error: ${said}` : `the answer is no MCP: ${said}`;
  return { ok: false, data: null, reason: 'protocol_error', detail };
}
