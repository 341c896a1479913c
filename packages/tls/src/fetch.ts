// `fetch` whose every connection is verified: https only, and never led to another origin by a redirect.
// Fetch Standard; RFC 9110 section 15.4.

import { isCountersignError } from '@countersign/core';
import { type Dispatcher, FormData, type RequestInit, fetch as undiciFetch } from 'undici';
import { cleartextRefused, createDispatcher, type DispatcherOptions } from './dispatcher.js';
import { TlsError } from './error.js';

/** A verified `fetch` and the end of its connections. */
export interface SecureFetch {
  readonly fetch: typeof globalThis.fetch;
  /** Waits for requests in flight, then closes the pool. */
  close(): Promise<void>;
}

type Input = Parameters<typeof globalThis.fetch>[0];
type Init = NonNullable<Parameters<typeof globalThis.fetch>[1]>;

/** FormData of the runtime's own fetch is another class than undici's; everything else is shared. */
function readBody(body: NonNullable<Init['body']>): NonNullable<RequestInit['body']> {
  if (!(body instanceof globalThis.FormData)) return body;
  const form = new FormData();
  for (const [name, value] of body) form.append(name, value);
  return form;
}

/** A `Request` of the runtime's own fetch, in parts; its body is a stream, which the standard sends half-duplex. */
function readRequest(request: Exclude<Input, string | URL>): Init {
  const { method, headers, body, signal, redirect } = request;
  return { method, headers, signal, redirect, ...(body === null ? {} : { body, duplex: 'half' }) };
}

function readInit(input: Input, given: Init | undefined): RequestInit {
  const own = typeof input === 'string' || input instanceof URL ? {} : readRequest(input);
  const { body, headers, dispatcher: _ignored, ...rest }: Init = { ...own, ...given };
  return {
    ...rest,
    ...(headers === undefined ? {} : { headers: [...new Headers(headers)] }),
    ...(body === undefined || body === null ? {} : { body: readBody(body) }),
  };
}

/** Lets a request through to its own origin only: a redirect anywhere else ends it before it is dialled. */
function stayAt(origin: string, dispatcher: Dispatcher): Dispatcher {
  return dispatcher.compose((dispatch) => (options, handler) => {
    const next = String(options.origin);
    if (next === origin) return dispatch(options, handler);
    throw new TlsError(
      'ERR_REDIRECT_REFUSED',
      `${origin} redirects to ${next}: call that origin itself, if it is meant`,
    );
  });
}

/** The error that explains a failed fetch: ours, which undici wraps in a TypeError, where there is one. */
function explain(error: unknown): unknown {
  let below: unknown = error;
  for (let depth = 0; depth < 4 && below instanceof Error; depth++) {
    if (isCountersignError(below)) return below;
    below = below.cause;
  }
  return error;
}

/**
 * Makes a `fetch` over `createDispatcher(options)`.
 *
 * It rejects with the PeerRefusedError itself where a peer is refused (its Verdict explains why), with TlsError
 * `ERR_CLEARTEXT_REFUSED` for `http:`, and with `ERR_REDIRECT_REFUSED` when a redirect leads to another origin;
 * redirects within the origin are followed as usual. A `dispatcher` in `init` is ignored.
 *
 * @throws TlsError `ERR_TLS_CONFIG` for an option that cannot be used
 */
export function createSecureFetch(options: DispatcherOptions): SecureFetch {
  const dispatcher = createDispatcher(options);
  const secureFetch: typeof globalThis.fetch = async (input, given) => {
    const url = new URL(typeof input === 'string' || input instanceof URL ? input : input.url);
    if (url.protocol !== 'https:') throw cleartextRefused(url.origin);
    try {
      return await undiciFetch(url, {
        ...readInit(input, given),
        dispatcher: stayAt(url.origin, dispatcher),
      });
    } catch (error) {
      throw explain(error);
    }
  };
  return { fetch: secureFetch, close: () => dispatcher.close() };
}
