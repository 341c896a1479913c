import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentServer, createIdentity, startAgentServer } from '../src/agent-server.js';
import { selfSigned } from '../src/authority.js';
import { pinnedFetch } from './pinned-fetch.js';

const servername = 'agent.example';
const credentials = selfSigned({ names: [servername] });
const identity = createIdentity(credentials, async (request, response) => {
  if (request.url === '/fail') throw new Error('a handler with a mistake');
  response.end('hello');
});

let server: AgentServer;

beforeAll(async () => {
  server = await startAgentServer(identity);
});

afterAll(() => server.close());

async function get(path: string, ca = credentials.cert): Promise<[status: number, body: string]> {
  const fetch = pinnedFetch({ ca, servername, port: server.port });
  const response = await fetch(`https://${servername}${path}`);
  return [response.status, await response.text()];
}

describe('startAgentServer', () => {
  it('answers a request with what the handler does, and counts it', async () => {
    const before = identity.requests;
    expect(await get('/')).toEqual([200, 'hello']);
    expect(identity.requests).toBe(before + 1);
  });

  it('answers 500 when the handler rejects', async () => {
    expect(await get('/fail')).toEqual([500, '']);
  });

  it('changes who answers from one connection to the next, on the same port', async () => {
    const other = selfSigned({ names: [servername] });
    server.serve(createIdentity(other, async (_request, response) => void response.end('another')));
    await expect(get('/')).rejects.toThrow('self-signed certificate');
    expect(await get('/', other.cert)).toEqual([200, 'another']);
    server.serve(identity);
    expect(await get('/')).toEqual([200, 'hello']);
  });

  it.each([
    ['garbage', Buffer.from('not a handshake')],
    ['plain HTTP', Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n')],
    ['a handshake that breaks off', Buffer.from([22, 3, 1, 2, 0, 1])],
  ])('goes on serving after %s in place of TLS', async (_what, octets) => {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.end(octets);
    socket.resume();
    await once(socket, 'close');
    expect(await get('/')).toEqual([200, 'hello']);
  });
});
