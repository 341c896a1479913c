import { X509Certificate } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect } from 'node:tls';
import {
  encodeMessage,
  formatRdata,
  type Message,
  parseRdata,
  parseTlsa,
  Rcode,
  RrType,
} from '@countersign/dns';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tlsaOf } from '../src/authority.js';
import { type Lab, type LabAgent, startLab } from '../src/lab.js';
import { pinnedFetch } from './pinned-fetch.js';
import { askUdp, query } from './question.js';

let lab: Lab;

beforeAll(async () => {
  lab = await startLab();
});

afterAll(() => lab.close());

const ask = (name: string, type: number): Promise<Message> =>
  askUdp(lab.dns, encodeMessage(query(name, type)));

async function data(name: string, type: number): Promise<string[]> {
  const { answers } = await ask(name, type);
  return answers.filter((record) => record.type === type).map(({ rdata }) => formatRdata(type, rdata));
}

const pem = (agent: LabAgent): string => new X509Certificate(agent.certificate).toString();

/** The certificate that answers at an agent's address. */
async function presented(agent: LabAgent): Promise<Buffer> {
  const socket = connect({
    host: '127.0.0.1',
    port: agent.port,
    servername: agent.target,
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  return raw;
}

async function callWeather<T>(ca: LabAgent, call: (client: Client) => Promise<T>): Promise<T> {
  const { port, target } = lab.agents.weather;
  const client = new Client({ name: 'test', version: '1.0.0' });
  const fetch = pinnedFetch({ ca: pem(ca), servername: target, port });
  await client.connect(new StreamableHTTPClientTransport(new URL(`https://${target}:${port}/`), { fetch }));
  try {
    return await call(client);
  } finally {
    await client.close();
  }
}

describe('the records of a lab', () => {
  it('lead to the weather agent, its address and its key', async () => {
    const { weather } = lab.agents;
    const [service] = await data(weather.fqdn, RrType.SVCB);
    expect(service).toContain('1 edge1.acme.example.');
    expect(service).toContain(`port=${weather.port}`);
    expect(await data(weather.target, RrType.A)).toEqual(['127.0.0.1']);
    const { answers } = await ask(`_${weather.port}._tcp.${weather.target}`, RrType.TLSA);
    expect(parseTlsa(answers[0]?.rdata ?? new Uint8Array())).toEqual(parseTlsa(tlsaOf(weather.certificate)));
  });

  it('lead to the quotes agent, which has no TLSA record', async () => {
    const { quotes } = lab.agents;
    const [service] = await data(quotes.fqdn, RrType.SVCB);
    expect(service).toContain(`port=${quotes.port}`);
    const reply = await ask(`_${quotes.port}._tcp.${quotes.target}`, RrType.TLSA);
    expect(reply.rcode).toBe(Rcode.NXDOMAIN);
  });

  it('list both agents in the index', async () => {
    const index = `_index._agents.${lab.domain}`;
    expect(await data(index, RrType.TXT)).toEqual(['"agents=weather:mcp,quotes:https"']);
    expect(await data(index, RrType.SVCB)).toHaveLength(1);
  });

  it('change at once when the zone is edited', async () => {
    const name = `extra.${lab.domain}`;
    expect((await ask(name, RrType.A)).rcode).toBe(Rcode.NXDOMAIN);
    lab.zone.set(name, RrType.A, [parseRdata(RrType.A, '127.0.0.7')]);
    expect(await data(name, RrType.A)).toEqual(['127.0.0.7']);
    lab.zone.remove(name, RrType.A);
    expect((await ask(name, RrType.A)).rcode).toBe(Rcode.NXDOMAIN);
  });

  it('reach the client as the tampering rule makes them', async () => {
    lab.tamper((_question, reply) => ({
      ...reply,
      answers: reply.answers.filter(({ type }) => type !== RrType.RRSIG),
    }));
    expect((await ask(lab.agents.weather.fqdn, RrType.SVCB)).answers).toHaveLength(1);
    lab.tamper();
    expect((await ask(lab.agents.weather.fqdn, RrType.SVCB)).answers).toHaveLength(2);
  });
});

describe('the weather agent', () => {
  it('answers the official MCP client and counts its requests', async () => {
    const before = lab.agents.weather.requests;
    const { weather } = lab.agents;
    const tools = await callWeather(weather, async (client) => (await client.listTools()).tools);
    expect(tools.map(({ name }) => name).sort()).toEqual(['forecast', 'list_cities']);
    expect(lab.agents.weather.requests).toBeGreaterThan(before);
  });

  it('gives the same forecast every time', async () => {
    const call = () =>
      callWeather(lab.agents.weather, (client) =>
        client.callTool({ name: 'forecast', arguments: { city: 'Zurich' } }),
      );
    const result = await call();
    expect(result.content).toEqual([
      { type: 'text', text: 'Zurich: light rain, 11 °C, wind 8 km/h from the west' },
    ]);
    expect(await call()).toEqual(result);
  });

  it('says which city it does not know', async () => {
    const result = await callWeather(lab.agents.weather, (client) =>
      client.callTool({ name: 'forecast', arguments: { city: 'Atlantis' } }),
    );
    expect(result.isError).toBe(true);
  });

  it('answers POST at / alone, and no body of any size', async () => {
    const { port, target } = lab.agents.weather;
    const fetch = pinnedFetch({ ca: pem(lab.agents.weather), servername: target, port });
    const url = `https://${target}:${port}`;
    expect((await fetch(`${url}/`)).status).toBe(405);
    expect((await fetch(`${url}/other`, { method: 'POST', body: '{}' })).status).toBe(404);
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    expect((await fetch(`${url}/`, { method: 'POST', headers, body: 'x' })).status).toBe(400);
    const huge = 'x'.repeat(70_000);
    expect((await fetch(`${url}/`, { method: 'POST', headers, body: huge })).status).toBe(413);
  });
});

describe('the quotes agent', () => {
  const post = async (path: string, body: string) => {
    const { port, target } = lab.agents.quotes;
    const fetch = pinnedFetch({ ca: lab.ca, servername: target, port });
    const response = await fetch(`https://${target}:${port}${path}`, { method: 'POST', body });
    return { status: response.status, body: await response.json() };
  };

  it('answers with JSON under a certificate of the private CA', async () => {
    expect(await post('/quote', '{"symbol":"ACME"}')).toEqual({
      status: 200,
      body: { symbol: 'ACME', price: 42.17, currency: 'EUR' },
    });
    expect((await post('/list_symbols', '{}')).body).toEqual({ symbols: ['ACME', 'GLOBEX', 'INITECH'] });
  });

  it.each([
    ['an unknown symbol', '/quote', '{"symbol":"NONE"}', 422],
    ['no JSON', '/quote', '{', 400],
    ['JSON without a symbol', '/quote', '{}', 400],
    ['an unknown method', '/buy', '{}', 404],
    ['more than 64 KB', '/quote', 'x'.repeat(70_000), 413],
  ])('refuses %s', async (_what, path, body, status) => {
    expect((await post(path, body)).status).toBe(status);
  });
});

describe('the impostor', () => {
  it('takes the address with a key of its own under the right name, and gives it back', async () => {
    const { weather } = lab.agents;
    expect(await presented(weather)).toEqual(Buffer.from(weather.certificate));
    await lab.impersonate();
    expect(await presented(weather)).toEqual(Buffer.from(lab.impostor.certificate));
    const impostor = new X509Certificate(lab.impostor.certificate);
    expect(impostor.checkHost(weather.target)).toBe(weather.target);
    expect(tlsaOf(lab.impostor.certificate)).not.toEqual(tlsaOf(weather.certificate));
    await lab.restore();
    expect(await presented(weather)).toEqual(Buffer.from(weather.certificate));
  });

  it('counts the requests that reach it, and weather’s do not grow', async () => {
    const before = lab.agents.weather.requests;
    await lab.impersonate();
    expect(lab.impostor.requests).toBe(0);
    await expect(callWeather(lab.agents.weather, (client) => client.listTools())).rejects.toThrow();
    expect(lab.impostor.requests).toBe(0);
    await callWeather(lab.impostor, (client) => client.listTools());
    expect(lab.impostor.requests).toBeGreaterThan(0);
    expect(lab.agents.weather.requests).toBe(before);
    await lab.restore();
  });

  it('ends the connections of the agent whose place it takes', async () => {
    const { port, target } = lab.agents.weather;
    const socket = connect({ host: '127.0.0.1', port, servername: target, rejectUnauthorized: false });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    const closed = once(socket, 'close');
    await lab.impersonate();
    await closed;
    await lab.restore();
  });
});

describe('close', () => {
  const network = (): string[] =>
    process.getActiveResourcesInfo().filter((resource) => /TCP|UDP|TLS/i.test(resource));

  it('leaves no socket behind, though connections are open', async () => {
    const before = network();
    const other = await startLab();
    const ports = [other.dns.port, other.agents.weather.port, other.agents.quotes.port];
    const sockets = ports.map((port) => connectTcp(port, '127.0.0.1'));
    const closed = sockets.map((socket) =>
      once(
        socket.on('error', () => undefined),
        'close',
      ),
    );
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    expect(network().length).toBeGreaterThan(before.length);
    await other.close();
    await other.close();
    await Promise.all(closed);
    // The operating system's handles go a turn of the event loop after their 'close' events.
    await expect.poll(network).toEqual(before);
  });

  it('frees its ports', async () => {
    const other = await startLab();
    await other.close();
    const udp = createSocket('udp4');
    udp.bind(other.dns.port, '127.0.0.1');
    await once(udp, 'listening');
    udp.close();
  });
});
