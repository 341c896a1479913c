// The whole path on the lab's own internet: signed DNS, validated in-process, DANE and WebPKI on live
// connections, MCP and HTTPS agents. Every refusal has a call beside it that passes.

import { AgentClient, type AgentClientOptions, type AgentRecord, profiles } from '@countersign/agent';
import type { Signal } from '@countersign/core';
import {
  createResolver,
  type Message,
  parseAnchors,
  parseRdata,
  type Question,
  RrType,
} from '@countersign/dns';
import { type Lab, startLab } from '@countersign/lab';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let lab: Lab;
let now: number;
const clients: AgentClient[] = [];

beforeEach(async () => {
  now = Date.now();
  lab = await startLab();
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await lab.close();
});

function connect(options: Partial<AgentClientOptions> = {}): AgentClient {
  const clock = () => now;
  const client = new AgentClient({
    resolver: createResolver({ servers: [lab.dns], anchors: parseAnchors(lab.anchors), clock }),
    ca: [lab.ca],
    allowAddresses: ['127.0.0.0/8'],
    clock,
    timeoutMs: 10_000,
    ...profiles.standard,
    ...options,
  });
  clients.push(client);
  return client;
}

const summary = ({ status, reason }: Signal) => ({ status, reason });
const forecast = { method: 'forecast', args: { city: 'Oslo' } };
const quote = { method: 'quote', args: { symbol: 'ACME' } };
const weatherSvcb = (params: string) => [
  parseRdata(RrType.SVCB, `1 ${lab.agents.weather.target}. ${params}`),
];

async function only(client: AgentClient, fqdn: string): Promise<AgentRecord> {
  const [record] = (await client.find(fqdn)).agents;
  if (record === undefined) throw new TypeError(`${fqdn} was not found`);
  return record;
}

/** What a man in the middle does to the replies about one type. */
const onType =
  (type: number, change: (reply: Message) => Message) =>
  (question: Question, reply: Message): Message =>
    question.type === type ? change(reply) : reply;
const withoutSignatures = (reply: Message): Message => ({
  ...reply,
  answers: reply.answers.filter((record) => record.type !== RrType.RRSIG),
});

describe('the agents of a signed domain', () => {
  it('are found by its index, secure, in its order', async () => {
    const found = await connect().discover(lab.domain);
    expect(found.errors).toEqual([]);
    expect(found.agents).toMatchObject([
      { fqdn: lab.agents.weather.fqdn, protocol: 'mcp', port: lab.agents.weather.port, dnssec: 'secure' },
      { fqdn: lab.agents.quotes.fqdn, protocol: 'https', port: lab.agents.quotes.port, dnssec: 'secure' },
    ]);
  });

  it('are called: one by MCP under DANE, one by HTTPS under WebPKI', async () => {
    const client = connect();
    const weather = await client.invoke(lab.agents.weather.fqdn, forecast);
    expect(weather).toMatchObject({
      ok: true,
      data: expect.stringContaining('Oslo'),
      signal: { status: 'success' },
    });
    const quotes = await client.invoke(lab.agents.quotes.fqdn, quote);
    expect(quotes).toMatchObject({ ok: true, data: { symbol: 'ACME', currency: 'EUR' } });
  });

  it('are verified without a request', async () => {
    const verdict = await connect().verify(lab.agents.weather.fqdn);
    expect(verdict.ok).toBe(true);
    expect(verdict.checks).toContainEqual(expect.objectContaining({ check: 'dane', outcome: 'pass' }));
    expect(lab.agents.weather.requests).toBe(0);
  });

  it('pass the strict profile with TLSA, and are refused by it without', async () => {
    const strict = connect(profiles.strict);
    expect((await strict.invoke(lab.agents.weather.fqdn, forecast)).ok).toBe(true);
    const { signal } = await strict.invoke(lab.agents.quotes.fqdn, quote);
    expect(summary(signal)).toEqual({ status: 'refused', reason: 'dane_absent' });
  });
});

describe('an attacker', () => {
  it('at the honest address is refused, and hears no request', async () => {
    const client = connect();
    await lab.impersonate();
    const { signal } = await client.invoke(lab.agents.weather.fqdn, forecast);
    expect(summary(signal)).toEqual({ status: 'refused', reason: 'dane_mismatch' });
    expect(lab.impostor.requests).toBe(0);
    await lab.restore();
    expect((await client.invoke(lab.agents.weather.fqdn, forecast)).ok).toBe(true);
  });

  it('who changes the record behind the client is refused for its drift', async () => {
    const client = connect({ verifyFreshnessSeconds: 60 });
    const record = await only(client, lab.agents.weather.fqdn);
    lab.zone.set(record.fqdn, RrType.SVCB, weatherSvcb(`alpn=mcp port=${record.port + 1}`));
    now += 61_000;
    const { signal } = await client.invoke(record, forecast);
    expect(summary(signal)).toEqual({ status: 'refused', reason: 'stale_discovery_drift' });
    lab.zone.set(record.fqdn, RrType.SVCB, weatherSvcb(`alpn=mcp port=${record.port}`));
    expect((await client.invoke(record, forecast)).ok).toBe(true);
  });

  it.each([
    ['SVCB', RrType.SVCB],
    ['A', RrType.A],
    ['TLSA', RrType.TLSA],
  ])('who strips the signatures of %s is refused as bogus', async (_, type) => {
    lab.tamper(onType(type, withoutSignatures));
    const { signal } = await connect().invoke(lab.agents.weather.fqdn, forecast);
    expect(summary(signal)).toEqual({ status: 'refused', reason: 'dnssec_bogus' });
    lab.tamper();
    expect((await connect().invoke(lab.agents.weather.fqdn, forecast)).ok).toBe(true);
  });

  it('who takes the TLSA record out of the answer is refused as bogus, also where DANE is only preferred', async () => {
    lab.tamper(onType(RrType.TLSA, (reply) => ({ ...reply, answers: [] })));
    const { signal } = await connect().invoke(lab.agents.weather.fqdn, forecast);
    expect(summary(signal)).toEqual({ status: 'refused', reason: 'dnssec_bogus' });
  });
});

describe('a record', () => {
  it('with a mandatory key that is not implemented is skipped, and the other agent stays', async () => {
    const { weather, quotes } = lab.agents;
    const params = `alpn=mcp port=${weather.port} key65500=x`;
    lab.zone.set(weather.fqdn, RrType.SVCB, weatherSvcb(`mandatory=key65500 ${params}`));
    const client = connect();
    const found = await client.discover(lab.domain);
    expect(found.agents.map(({ fqdn }) => fqdn)).toEqual([quotes.fqdn]);
    expect(found.errors).toMatchObject([{ fqdn: weather.fqdn, reason: 'mandatory_unsupported' }]);
    const { signal } = await client.invoke(weather.fqdn, forecast);
    expect(summary(signal)).toEqual({ status: 'refused', reason: 'mandatory_unsupported' });
    lab.zone.set(weather.fqdn, RrType.SVCB, weatherSvcb(params));
    expect((await connect().invoke(weather.fqdn, forecast)).ok).toBe(true);
  });

  it('that is taken away is proven absent', async () => {
    lab.zone.remove(lab.agents.weather.fqdn, RrType.SVCB);
    const { signal } = await connect(profiles.strict).invoke(lab.agents.weather.fqdn, forecast);
    expect(summary(signal)).toEqual({ status: 'refused', reason: 'record_not_found' });
  });

  it('behind an alias is the same agent', async () => {
    const { weather } = lab.agents;
    const alias = `weather._agents.${lab.domain}`;
    lab.zone.set(alias, RrType.SVCB, [parseRdata(RrType.SVCB, `0 ${weather.fqdn}.`)]);
    const { ok, signal } = await connect(profiles.strict).invoke(alias, forecast);
    expect({ ok, agent: signal.agent }).toEqual({ ok: true, agent: alias });
  });
});
