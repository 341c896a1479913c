import { DnsName, encodeSvcb } from '@countersign/dns';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { discoverDomain, findAgent } from '../src/discover.js';
import { endpointProblem } from '../src/endpoint.js';
import { parseAgentName } from '../src/fqdn.js';
import { readIndex } from '../src/index-record.js';
import { atMs } from './support/record.js';
import { fakeResolver, SVCB, TXT } from './support/resolver.js';

const agentName = 'weather.acme.example';

/** Parameters that are likely to be nearly right: known keys, short or textual values. */
const params = fc
  .dictionary(
    fc
      .oneof(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 65_400, max: 65_409 }), fc.nat(65_535))
      .map(String),
    fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc.string({ unit: 'binary', maxLength: 40 }).map((text) => new TextEncoder().encode(text)),
      fc
        .constantFrom('\u0003mcp', 'mcp', '\u0001\u00bb', '\u0000\u0003')
        .map((text) => Buffer.from(text, 'latin1')),
    ),
  )
  .map((entries) => new Map(Object.entries(entries).map(([key, value]) => [Number(key), value])));

const rdata = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .record({
      priority: fc.nat(3),
      target: fc.constantFrom('.', 'edge.acme.example', '_x.acme.example', agentName, '1.2.3.4'),
      params,
    })
    .map(({ priority, target, params }) => encodeSvcb({ priority, target: DnsName.parse(target), params })),
);

const options = { clock: () => atMs, requireDnssec: false };

describe('hostile records', () => {
  it('any octets as SVCB records give agents that may be dialled, or problems', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(rdata, { minLength: 1, maxLength: 4 }), async (records) => {
        const resolver = fakeResolver();
        resolver.set(agentName, SVCB, { rdata: records });
        const { agents, errors } = await findAgent(agentName, { ...options, resolver });
        expect(agents.length + errors.length).toBeGreaterThan(0);
        for (const { target, port } of agents) expect(endpointProblem(target, port)).toBeUndefined();
        expect(JSON.stringify({ agents, errors })).not.toMatch(/\\u00[01]|\p{Cf}/u);
      }),
      { numRuns: 500 },
    );
  }, 60_000);

  it('any octets as an index give agents, or problems', async () => {
    const txt = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.string({ unit: 'binary', maxLength: 60 }).map((text) => {
        const octets = Buffer.from(`agents=${text}`, 'utf8').subarray(0, 255);
        return Uint8Array.from([octets.length, ...octets]);
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(txt, { minLength: 1, maxLength: 3 }), async (records) => {
        const resolver = fakeResolver();
        resolver.set('_index._agents.acme.example', TXT, { rdata: records });
        const { agents, errors } = await discoverDomain('acme.example', { ...options, resolver });
        expect(agents).toEqual([]);
        expect(JSON.stringify(errors)).not.toMatch(/\\u00[01]|\p{Cf}/u);
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  it('any character-strings make an index of host labels', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.uint8Array({ maxLength: 255 }))), (records) => {
        for (const { name } of readIndex(records).entries) expect(name).toMatch(/^[a-z0-9-]{1,63}$/);
      }),
    );
  });
});

describe('hostile text', () => {
  it('any text is an agent name or none, and one that is gives itself back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const name = parseAgentName(text);
        if (name !== undefined) expect(parseAgentName(name.fqdn)).toEqual(name);
      }),
    );
  });
});
