// The fetch that a protocol handler is given: on verified connections to one origin only, ended by the call's
// deadline, with the call's trace context, with requests and every response body counted.

import type { Deadline } from './deadline.js';
import { AgentError } from './error.js';

/** The part of the Fetch API that handlers use. */
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

export interface BoundedFetchOptions {
  /** The verified fetch of the agent's endpoint. */
  readonly fetch: Fetch;
  /** The agent's endpoint; no other origin is asked, whatever a handler's library makes of an answer. */
  readonly origin: string;
  readonly deadline: Deadline;
  readonly traceparent: string;
  /** Octets of one response body, after its content encoding is undone. */
  readonly maxBytes: number;
}

/**
 * Requests of one call. A session takes four; the others are for answers to what the peer asks. Each that waits
 * holds a connection of its own, so a peer that asks without end would have us open them without end.
 */
const maxRequests = 32;

/**
 * A body over the limit, or one that breaks off, ends the whole call: nobody may be awaiting that body. So does
 * one request too many.
 */
export function createBoundedFetch(options: BoundedFetchOptions): Fetch {
  const { origin, deadline, maxBytes } = options;
  let requests = 0;
  return async (url, init = {}) => {
    if (new URL(url).origin !== origin) {
      throw new AgentError('ERR_PROTOCOL_ERROR', `a request would leave ${origin}, which alone was verified`);
    }
    requests += 1;
    if (requests > maxRequests) {
      const error = new AgentError('ERR_PROTOCOL_ERROR', `the call took more than ${maxRequests} requests`);
      deadline.fail(error);
      throw error;
    }
    const headers = new Headers(init.headers);
    headers.set('traceparent', options.traceparent);
    const outer = init.signal ?? undefined;
    const signal = outer === undefined ? deadline.signal : AbortSignal.any([outer, deadline.signal]);
    const response = await options.fetch(url, { ...init, headers, signal });
    const { status } = response;
    if (status > 599) {
      // The body is given up; a connection that is already gone cannot be given up again.
      response.body?.cancel().catch(() => undefined);
      throw new AgentError(
        'ERR_PROTOCOL_ERROR',
        `the agent answered with HTTP status ${status}, which is none`,
      );
    }
    if (response.body === null) return response;
    const body = boundBody(response.body, maxBytes, (error) => {
      // A body that its own reader gave up is no failure of the call.
      if (!outer?.aborted) deadline.fail(error);
    });
    // Without the status text: a peer can write into it what no Response takes.
    return new Response(body, { status, headers: response.headers });
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
