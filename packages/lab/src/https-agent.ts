// The quotes agent: plain HTTPS, `POST /METHOD` with a JSON object as arguments, JSON as the answer.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonValue } from '@countersign/core';
import { z } from 'zod';
import type { RequestHandler } from './agent-server.js';

const maxBodyBytes = 64 * 1024;

const prices = new Map([
  ['ACME', 42.17],
  ['GLOBEX', 108.5],
  ['INITECH', 7.03],
]);

const quoteArguments = z.object({ symbol: z.string().max(16) });

interface Reply {
  readonly status: number;
  readonly body: JsonValue;
  readonly headers?: Record<string, string>;
}

/** Answers `POST /quote` with `{symbol}` and `POST /list_symbols`. */
export function quotesHandler(): RequestHandler {
  return async (request, response) => {
    const reply = await answer(request);
    send(response, reply);
  };
}

async function answer(request: IncomingMessage): Promise<Reply> {
  if (request.method !== 'POST') {
    return { status: 405, body: { error: 'use POST' }, headers: { allow: 'POST' } };
  }
  const text = await readBody(request);
  if (text === undefined) {
    return { status: 413, body: { error: `more than ${maxBodyBytes} octets` } };
  }
  if (request.url === '/list_symbols') return { status: 200, body: { symbols: [...prices.keys()] } };
  if (request.url === '/quote') return quote(text);
  return { status: 404, body: { error: 'no such method: use quote or list_symbols' } };
}

function quote(text: string): Reply {
  const parsed = quoteArguments.safeParse(parseJson(text));
  if (!parsed.success) return { status: 400, body: { error: 'send {"symbol": "..."}' } };
  const { symbol } = parsed.data;
  const price = prices.get(symbol);
  return price === undefined
    ? { status: 422, body: { error: 'unknown symbol: ask list_symbols' } }
    : { status: 200, body: { symbol, price, currency: 'EUR' } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The body as text; undefined when it is over the limit. It is read to its end, so that the answer is too. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const octets = Buffer.from(chunk);
    size += octets.length;
    if (size <= maxBodyBytes) chunks.push(octets);
  }
  return size > maxBodyBytes ? undefined : Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
  response.end(JSON.stringify(reply.body));
}
