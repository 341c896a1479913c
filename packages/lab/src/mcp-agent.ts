// The weather agent: a Model Context Protocol server (Streamable HTTP, stateless, JSON responses) by the
// official SDK, with answers that never change.

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';
import type { RequestHandler } from './agent-server.js';

const maxRequestBodySize = 64 * 1024;
const maxCityLength = 100;

const forecasts = new Map([
  ['Lisbon', 'sunny, 24 °C, wind 12 km/h from the north-west'],
  ['Nairobi', 'light clouds, 22 °C, wind 9 km/h from the east'],
  ['Oslo', 'snow, -3 °C, wind 6 km/h from the north'],
  ['Zurich', 'light rain, 11 °C, wind 8 km/h from the west'],
]);

/** Answers MCP requests at the path `/`, with the tools `forecast` and `list_cities`. */
export function weatherHandler(): RequestHandler {
  return async (request, response) => {
    if (request.url !== '/') {
      response.writeHead(404).end();
      return;
    }
    // A server that keeps no session has nothing to stream or to delete (MCP, Streamable HTTP).
    if (request.method !== 'POST') {
      response.writeHead(405, { allow: 'POST' }).end();
      return;
    }
    const server = createWeatherServer();
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true, maxRequestBodySize });
    try {
      await server.connect(transport);
      await transport.handleRequest(request, response);
    } finally {
      await server.close();
    }
  };
}

function createWeatherServer(): McpServer {
  const server = new McpServer({ name: 'weather', version: '1.0.0' });
  server.registerTool(
    'forecast',
    {
      description: "Tomorrow's weather in a city.",
      inputSchema: { city: z.string().max(maxCityLength).describe('One of list_cities.') },
    },
    ({ city }) => {
      const forecast = forecasts.get(city);
      return forecast === undefined
        ? { isError: true, content: [{ type: 'text', text: `No forecast for ${city}: ask list_cities.` }] }
        : { content: [{ type: 'text', text: `${city}: ${forecast}` }] };
    },
  );
  server.registerTool('list_cities', { description: 'The cities with a forecast.' }, () => ({
    content: [{ type: 'text', text: [...forecasts.keys()].join(', ') }],
  }));
  return server;
}
