// A fetch over node:https for tests that connects to loopback and trusts the given certificates alone.

import { once } from 'node:events';
import { type RequestOptions, request } from 'node:https';

export interface PinnedFetchOptions {
  /** PEM. */
  readonly ca: string;
  readonly servername: string;
  readonly port: number;
}

export function pinnedFetch(
  options: PinnedFetchOptions,
): (url: string | URL, init?: RequestInit) => Promise<Response> {
  return async (url, init = {}) => {
    const { pathname, search } = new URL(url);
    const outgoing: RequestOptions = {
      host: '127.0.0.1',
      port: options.port,
      servername: options.servername,
      ca: options.ca,
      agent: false,
      method: init.method ?? 'GET',
      path: pathname + search,
      headers: Object.fromEntries(new Headers(init.headers)),
      signal: AbortSignal.timeout(5000),
    };
    const sent = request(outgoing);
    sent.end(init.body ?? undefined);
    const [incoming] = await once(sent, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const headers = new Headers();
    for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
    const body = [202, 204].includes(incoming.statusCode) ? null : Buffer.concat(chunks);
    return new Response(body, { status: incoming.statusCode, headers });
  };
}
