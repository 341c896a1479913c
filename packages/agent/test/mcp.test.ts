import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Signal } from '@countersign/core';
import { type RequestHandler, weatherHandler } from '@countersign/lab';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { agentName, type Endpoint, impostor, startEndpoint } from './support/endpoint.js';

let endpoint: Endpoint | undefined;
const start = async (handle: RequestHandler): Promise<Endpoint> => {
  endpoint = await startEndpoint('mcp', handle);
  return endpoint;
};
afterEach(async () => {
  await endpoint?.close();
  endpoint = undefined;
});

const summary = ({ status, reason }: Signal) => ({ status, reason });

const messageSchema = z.object({ id: z.number().optional(), method: z.string().optional() });

/** Answers `initialize` as a server should, and every later request with what `respond` makes of it. */
const scripted =
  (
    respond: (
      message: z.infer<typeof messageSchema>,
    ) => { type?: string; body: string; status?: number } | undefined,
  ): RequestHandler =>
  async (request, response) => {
    const message = await readMessage(request);
    if (message.method === 'initialize') {
      const result = {
        protocolVersion: '2025-06-18',
        capabilities: {},
        serverInfo: { name: 's', version: '1' },
      };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
      return;
    }
    if (message.id === undefined) {
      response.writeHead(202).end();
      return;
    }
    const answer = respond(message);
    if (answer === undefined) return;
    response.writeHead(answer.status ?? 200, { 'content-type': answer.type ?? 'application/json' });
    response.end(answer.body);
  };
const result = (id: number | undefined, value: unknown) => ({
  body: JSON.stringify({ jsonrpc: '2.0', id, result: value }),
});

async function readMessage(request: IncomingMessage) {
  let body = '';
  for await (const chunk of request) body += chunk;
  return messageSchema.parse(JSON.parse(body || '{}'));
}

describe('invoke over MCP', () => {
  it('lists tools, and calls one by tools/call or by its name', async () => {
    const { client } = await start(weatherHandler());
    const agent = client();
    const list = await agent.invoke(agentName, { method: 'tools/list' });
    expect(list).toMatchObject({
      ok: true,
      data: { tools: [{ name: 'forecast' }, { name: 'list_cities' }] },
    });
    const args = { name: 'forecast', arguments: { city: 'Oslo' } };
    const called = await agent.invoke(agentName, { method: 'tools/call', args });
    expect(called).toMatchObject({ ok: true, data: expect.stringContaining('Oslo') });
    const byName = await agent.invoke(agentName, { method: 'forecast', args: { city: 'Oslo' } });
    expect(byName.data).toEqual(called.data);
    expect(byName.signal).toMatchObject({ status: 'success', protocol: 'mcp', method: 'forecast' });
    expect(byName.signal.verdict.checks).toContainEqual(
      expect.objectContaining({ check: 'dane', outcome: 'pass' }),
    );
  });

  it('takes a tool that says it failed for an error, and hands on what it said', async () => {
    const { client } = await start(weatherHandler());
    const { ok, data, signal } = await client().invoke(agentName, {
      method: 'forecast',
      args: { city: 'Atlantis' },
    });
    expect({ ok, ...summary(signal) }).toEqual({ ok: false, status: 'error', reason: 'tool_error' });
    expect(data).toContain('Atlantis');
  });

  it('refuses an impostor before the first message', async () => {
    const { client, present } = await start(weatherHandler());
    present(impostor);
    const { signal } = await client().invoke(agentName, { method: 'tools/list' });
    expect(summary(signal)).toEqual({ status: 'refused', reason: 'dane_mismatch' });
    expect(signal.verdict.checks).toContainEqual(expect.objectContaining({ check: 'dane', outcome: 'fail' }));
    expect(endpoint?.requests).toBe(0);
  });

  it('refuses a call of tools/call without a tool', async () => {
    const { client } = await start(weatherHandler());
    const { signal } = await client().invoke(agentName, { method: 'tools/call', args: { arguments: {} } });
    expect(summary(signal)).toEqual({ status: 'error', reason: 'call_invalid' });
    expect(signal.verdict.checks).toContainEqual(expect.objectContaining({ check: 'call', outcome: 'fail' }));
    expect(endpoint?.requests).toBe(0);
  });

  it('speaks to a server with sessions and event streams, ends the session, and opens no stream of its own', async () => {
    const seen: { method: string | undefined; traceparent: unknown; connection: number | undefined }[] = [];
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: randomUUID });
    const server = new McpServer({ name: 'sessions', version: '1.0.0' });
    server.registerTool('add', { inputSchema: { a: z.number(), b: z.number() } }, ({ a, b }) => ({
      content: [{ type: 'text', text: `${a + b}` }],
      structuredContent: { sum: a + b },
    }));
    await server.connect(transport);
    const { client } = await start(async (request, response) => {
      const { method, headers, socket } = request;
      seen.push({ method, traceparent: headers.traceparent, connection: socket.remotePort });
      await transport.handleRequest(request, response);
    });
    const { data, signal } = await client().invoke(agentName, { method: 'add', args: { a: 2, b: 3 } });
    expect(data).toEqual({ sum: 5 });
    expect(seen.map(({ method }) => method)).toEqual(['POST', 'POST', 'POST', 'DELETE']);
    const headers = new Set(seen.map(({ traceparent }) => traceparent));
    expect([...headers]).toEqual([expect.stringContaining(signal.traceId)]);
    await server.close();
  });

  it('gives back every block of an answer with several', async () => {
    const content = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ];
    const { client } = await start(scripted(({ id }) => result(id, { content })));
    expect((await client().invoke(agentName, { method: 'm' })).data).toEqual(content);
  });

  it('does not compile the schemas that a peer lists', async () => {
    const outputSchema = { type: 'object', properties: { a: { pattern: '(' } }, $ref: '#/nowhere' };
    const tools = [{ name: 't', inputSchema: { type: 'object' }, outputSchema }];
    const { client } = await start(scripted(({ id }) => result(id, { tools })));
    expect(await client().invoke(agentName, { method: 'tools/list' })).toMatchObject({
      ok: true,
      data: { tools },
    });
  });
});

describe('a hostile or broken MCP server', () => {
  it.each<[string, Parameters<typeof scripted>[0], string]>([
    ['an HTTP error', () => ({ status: 500, body: 'x'.repeat(5000) }), 'http_status'],
    [
      'a JSON-RPC error',
      ({ id }) => ({
        body: JSON.stringify({
          jsonrpc: '2.0',
          id,
          error: { code: -32000, message: 'no\u001b[2J\u202e'.repeat(500) },
        }),
      }),
      'protocol_error',
    ],
    ['no JSON', () => ({ body: '<html>' }), 'protocol_error'],
    ['another content type', () => ({ type: 'text/html', body: '<html>' }), 'protocol_error'],
    ['a result of another shape', ({ id }) => result(id, { content: 'text' }), 'protocol_error'],
    [
      'an answer to nothing that was asked',
      () => ({ body: JSON.stringify({ jsonrpc: '2.0', id: 99, result: {} }) }),
      'protocol_error',
    ],
    [
      'a stream of events that are no JSON',
      () => ({ type: 'text/event-stream', body: 'data: {\n\n' }),
      'protocol_error',
    ],
    [
      'a body over the limit',
      ({ id }) => result(id, { content: [{ type: 'text', text: 'x'.repeat(100_000) }] }),
      'body_too_large',
    ],
    [
      'events over the limit',
      () => ({ type: 'text/event-stream', body: ': x\n'.repeat(30_000) }),
      'body_too_large',
    ],
  ])('that sends %s ends in an error', async (_, respond, reason) => {
    const { client } = await start(scripted(respond));
    const { data, signal } = await client({ maxResponseBytes: 50_000 }).invoke(agentName, { method: 'm' });
    expect({ data, ...summary(signal) }).toEqual({ data: null, status: 'error', reason });
    expect(signal.detail).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(signal.detail.length).toBeLessThan(400);
    expect(signal.durationMs).toBeLessThan(4000);
  });

  const events = (messages: readonly object[]) => ({
    type: 'text/event-stream',
    body: messages.map((message) => `data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`).join(''),
  });
  const pings = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ id: `p${at}`, method: 'ping' }));
  const answer = { content: [{ type: 'text', text: 'done' }] };

  it('that asks without end does not have us open connections without end', async () => {
    const { client } = await start(scripted(() => events(pings(500))));
    const { signal } = await client().invoke(agentName, { method: 'm' });
    expect(summary(signal)).toEqual({ status: 'error', reason: 'protocol_error' });
    expect(endpoint?.requests).toBeLessThan(40);
  });

  it('that asks a little before it answers is answered', async () => {
    const { client } = await start(
      scripted(({ id, method }) => (method ? events([...pings(5), { id, result: answer }]) : undefined)),
    );
    expect(await client().invoke(agentName, { method: 'm' })).toMatchObject({ ok: true, data: 'done' });
  });

  it.each([
    [201, false],
    [200, true],
  ])('that nests its answer %i levels deep: taken is %s', async (levels, ok) => {
    const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
    const { client } = await start(
      scripted(({ id }) => result(id, { content: [], structuredContent: { a: nested(levels - 1) } })),
    );
    const { signal } = await client().invoke(agentName, { method: 'm' });
    expect(signal.reason).toBe(ok ? undefined : 'protocol_error');
  });

  it('that never answers ends in a time-out', async () => {
    const { client } = await start(scripted(() => undefined));
    const { signal } = await client({ timeoutMs: 300 }).invoke(agentName, { method: 'm' });
    expect(summary(signal)).toEqual({ status: 'timeout', reason: 'timeout' });
  });

  it('that ends its stream without an answer ends in a time-out', async () => {
    const { client } = await start(scripted(() => ({ type: 'text/event-stream', body: ': nothing\n\n' })));
    const { signal } = await client({ timeoutMs: 300 }).invoke(agentName, { method: 'm' });
    expect(summary(signal)).toEqual({ status: 'timeout', reason: 'timeout' });
  });

  it('that never answers ends when the caller aborts', async () => {
    const { client } = await start(scripted(() => undefined));
    const { signal } = await client().invoke(
      agentName,
      { method: 'm' },
      { signal: AbortSignal.timeout(200) },
    );
    expect(summary(signal)).toEqual({ status: 'error', reason: 'aborted' });
  });

  it('that redirects elsewhere is not followed', async () => {
    const { client } = await start(async (request, response) => {
      request.resume();
      response.writeHead(307, { location: 'https://evil.example/' }).end();
    });
    const { signal } = await client().invoke(agentName, { method: 'm' });
    expect(summary(signal)).toEqual({ status: 'error', reason: 'http_status' });
  });

  it('whose stream breaks off ends in an error, not in a time-out', async () => {
    const { client } = await start(async (request, response) => {
      const message = await readMessage(request);
      if (message.method === 'initialize') {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(': soon\n\n');
        setTimeout(() => response.destroy(), 30);
      }
    });
    const { signal } = await client().invoke(agentName, { method: 'm' });
    expect(summary(signal)).toEqual({ status: 'error', reason: 'connection_lost' });
  });
});
