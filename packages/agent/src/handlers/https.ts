// A call of a plain HTTPS agent: POST https://TARGET:PORT/PATH/METHOD with the arguments as JSON, as the DNS-AID
// reference implementation does it.

import type { JsonValue } from '@countersign/core';
import { quotePeer } from '@countersign/tls';
import { AgentError } from '../error.js';
import type { Handler } from './handler.js';
import { jsonOrText } from './json.js';

/** Calls the agent. A redirect is not followed: where it leads was not verified. */
export const callHttps: Handler = async ({ url, method, args, fetch, signal }) => {
  const target = new URL(url);
  target.pathname = `${url.pathname.replace(/\/+$/, '')}/${method.replace(/^\/+/, '')}`;
  const response = await fetch(target, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(args),
    redirect: 'manual',
    signal,
  });
  const text = await readText(response, signal);
  if (response.status < 200 || response.status > 299) {
    const said = quotePeer(text);
    const detail = `the agent answered with HTTP status ${response.status}${said === '' ? '' : `: ${said}`}`;
    return { ok: false, data: null, reason: 'http_status', detail };
  }
  const data: JsonValue = text === '' ? null : jsonOrText(text);
  return { ok: true, data, detail: `the agent answered with HTTP status ${response.status}` };
};

async function readText(response: Response, signal: AbortSignal): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    signal.throwIfAborted();
    throw new AgentError('ERR_CONNECTION_LOST', 'the response body broke off', { cause: error });
  }
}
