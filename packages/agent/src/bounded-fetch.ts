// The fetch that a protocol handler is given: on verified connections only, ended by the call's deadline, with
// the call's trace context, and with every response body counted while it streams.

import type { Deadline } from './deadline.js';
import { AgentError } from './error.js';

/** The part of the Fetch API that handlers use. */
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

export interface BoundedFetchOptions {
  /** The verified fetch of the agent's endpoint. */
  readonly fetch: Fetch;
  readonly deadline: Deadline;
  readonly traceparent: string;
  /** Octets of one response body, after its content encoding is undone. */
  readonly maxBytes: number;
}

/** A body over the limit, or one that breaks off, ends the whole call: nobody may be awaiting that body. */
export function createBoundedFetch(options: BoundedFetchOptions): Fetch {
  const { deadline, maxBytes } = options;
  return async (url, init = {}) => {
    const headers = new Headers(init.headers);
    headers.set('traceparent', options.traceparent);
    const outer = init.signal ?? undefined;
    const signal = outer === undefined ? deadline.signal : AbortSignal.any([outer, deadline.signal]);
    const response = await options.fetch(url, { ...init, headers, signal });
    if (response.body === null) return response;
    const body = boundBody(response.body, maxBytes, (error) => {
      // A body that its own reader gave up is no failure of the call.
      if (!outer?.aborted) deadline.fail(error);
    });
    const { status, statusText } = response;
    return new Response(body, { status, statusText, headers: response.headers });
  };
}

function boundBody(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  onFailure: (error: AgentError) => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let size = 0;
  let givenUp = false;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (givenUp) return;
        if (done) {
          controller.close();
          return;
        }
        size += value.length;
        if (size > maxBytes) {
          throw new AgentError('ERR_BODY_TOO_LARGE', `the response body is over ${maxBytes} octets`);
        }
        controller.enqueue(value);
      } catch (cause) {
        if (givenUp) return;
        const error =
          cause instanceof AgentError
            ? cause
            : new AgentError('ERR_CONNECTION_LOST', 'the response body broke off', { cause });
        controller.error(error);
        onFailure(error);
        // The connection is of no use with an unread rest; it may already be gone.
        reader.cancel(error).catch(() => undefined);
      }
    },
    cancel(reason) {
      givenUp = true;
      return reader.cancel(reason);
    },
  });
}
