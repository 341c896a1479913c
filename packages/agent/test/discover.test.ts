import { Ede, Rcode } from '@countersign/dns';
import { describe, expect, it } from 'vitest';
import { type DiscoverOptions, discoverDomain, findAgent } from '../src/discover.js';
import type { Discovery } from '../src/discovery.js';
import { atMs, rawSvcb } from './support/record.js';
import { type FakeResolver, fakeResolver, SVCB, TXT } from './support/resolver.js';

const agentName = 'weather.acme.example';
const goodRecord = '1 edge.acme.example. alpn=mcp port=8443';

const options = (resolver: FakeResolver, more: Partial<DiscoverOptions> = {}): DiscoverOptions => ({
  resolver,
  clock: () => atMs,
  requireDnssec: false,
  ...more,
});
const targets = ({ agents }: Discovery) => agents.map(({ target }) => target);
const reasons = ({ errors }: Discovery) => errors.map(({ reason }) => reason);

describe('findAgent', () => {
  it('finds a record at the flat name with one look-up', async () => {
    const resolver = fakeResolver();
    resolver.set(agentName, SVCB, [goodRecord]);
    const found = await findAgent(agentName, options(resolver));
    expect(found).toMatchObject({ agents: [{ fqdn: agentName, dnssec: 'secure', ttl: 300 }], errors: [] });
    expect(resolver.asked).toHaveLength(1);
  });

  it('asks the other forms only when the flat name has no record', async () => {
    const resolver = fakeResolver();
    resolver.set('_weather._a2a._agents.acme.example', SVCB, ['1 edge.acme.example. alpn=h2']);
    const found = await findAgent(agentName, options(resolver));
    expect(found.agents).toMatchObject([
      { fqdn: '_weather._a2a._agents.acme.example', name: 'weather', protocol: 'a2a' },
    ]);
  });

  it('does not fall back to another form when the flat name is bogus', async () => {
    const resolver = fakeResolver();
    resolver.set(agentName, SVCB, { status: 'bogus' });
    resolver.set('weather._agents.acme.example', SVCB, [goodRecord]);
    expect(reasons(await findAgent(agentName, options(resolver)))).toEqual(['dnssec_bogus']);
    resolver.set(agentName, SVCB, {});
    expect(targets(await findAgent(agentName, options(resolver)))).toEqual(['edge.acme.example']);
  });

  it('says that there is no record', async () => {
    const found = await findAgent(agentName, options(fakeResolver()));
    expect(found).toMatchObject({ agents: [], errors: [{ fqdn: agentName, reason: 'record_not_found' }] });
  });

  it.each(['weather', '', 'a b.example', 'x'.repeat(300), '\u001b[2J.example'])(
    'asks nothing for the name %j',
    async (name) => {
      const resolver = fakeResolver();
      const found = await findAgent(name, options(resolver));
      expect(reasons(found)).toEqual(['name_invalid']);
      expect(found.errors[0]?.fqdn).not.toContain('\u001b');
      expect(resolver.asked).toEqual([]);
    },
  );

  it.each([
    ['insecure', 'dnssec_required'],
    ['indeterminate', 'dnssec_required'],
    ['bogus', 'dnssec_bogus'],
  ] as const)('refuses an %s record where DNSSEC is required', async (status, reason) => {
    const resolver = fakeResolver();
    resolver.set(agentName, SVCB, { status, rdata: [goodRecord] });
    expect(reasons(await findAgent(agentName, options(resolver, { requireDnssec: true })))).toEqual([reason]);
    resolver.set(agentName, SVCB, { status: 'secure', rdata: [goodRecord] });
    expect(targets(await findAgent(agentName, options(resolver, { requireDnssec: true })))).toHaveLength(1);
  });

  it('takes an insecure record where DNSSEC is not required, and says so on it', async () => {
    const resolver = fakeResolver();
    resolver.set(agentName, SVCB, { status: 'insecure', rdata: [goodRecord] });
    expect((await findAgent(agentName, options(resolver))).agents).toMatchObject([{ dnssec: 'insecure' }]);
  });

  it('refuses a record whose proof could not be had in every mode: who forges it can break that query too', async () => {
    const resolver = fakeResolver();
    const answer = { status: 'indeterminate', rdata: [goodRecord] } as const;
    resolver.set(agentName, SVCB, { ...answer, ede: Ede.noReachableAuthority });
    expect(reasons(await findAgent(agentName, options(resolver)))).toEqual(['lookup_failed']);
    resolver.set(agentName, SVCB, {
      ...answer,
      rdata: [],
      rcode: Rcode.NOERROR,
      ede: Ede.noReachableAuthority,
    });
    expect(reasons(await findAgent(agentName, options(resolver)))).toEqual(['lookup_failed']);
    // Where no trust anchor stands, no proof was to be had.
    resolver.set(agentName, SVCB, { ...answer, ede: Ede.indeterminate });
    expect((await findAgent(agentName, options(resolver))).agents).toMatchObject([
      { dnssec: 'indeterminate' },
    ]);
  });

  it('refuses an absence that is not proven where DNSSEC is required', async () => {
    const found = await findAgent(
      agentName,
      options(fakeResolver({ status: 'insecure' }), { requireDnssec: true }),
    );
    expect(reasons(found)).toEqual(['dnssec_required']);
  });

  it.each([
    [{ silent: true }, 'dns_timeout'],
    [{ status: 'indeterminate', rcode: Rcode.SERVFAIL }, 'lookup_failed'],
    [{ status: 'indeterminate', rcode: Rcode.REFUSED }, 'lookup_failed'],
  ] as const)('tells a look-up that fails from an absence (%j)', async (answer, reason) => {
    const resolver = fakeResolver();
    resolver.set(agentName, SVCB, answer);
    expect(reasons(await findAgent(agentName, options(resolver)))).toEqual([reason]);
    expect(resolver.asked).toHaveLength(1);
  });

  describe('several records of one name', () => {
    it('takes one record a protocol, the one of the lowest priority', async () => {
      const resolver = fakeResolver();
      resolver.set(agentName, SVCB, [
        '2 second.acme.example. alpn=mcp',
        '3 third.acme.example. alpn=a2a',
        '1 first.acme.example. alpn=mcp',
      ]);
      const found = await findAgent(agentName, options(resolver));
      expect(targets(found)).toEqual(['first.acme.example', 'third.acme.example']);
      const a2a = await findAgent(agentName, options(resolver, { protocol: 'a2a' }));
      expect(targets(a2a)).toEqual(['third.acme.example']);
    });

    it('keeps the good record beside one that is skipped', async () => {
      const resolver = fakeResolver();
      resolver.set(agentName, SVCB, {
        rdata: [
          '1 a.acme.example. mandatory=key65500 alpn=mcp key65500=x',
          rawSvcb(2, '_b.acme.example', { 1: [3, 0x6d, 0x63, 0x70] }),
          '3 c.acme.example. alpn=mcp',
        ],
      });
      const found = await findAgent(agentName, options(resolver));
      expect(targets(found)).toEqual(['c.acme.example']);
      expect(reasons(found)).toEqual(['mandatory_unsupported', 'record_malformed']);
    });

    it('takes none of a set with a malformed record', async () => {
      const resolver = fakeResolver();
      resolver.set(agentName, SVCB, { rdata: [goodRecord, rawSvcb(2, '.', { 3: [1] })] });
      expect(await findAgent(agentName, options(resolver))).toMatchObject({
        agents: [],
        errors: [{ reason: 'record_malformed' }],
      });
    });

    it('says that the wanted protocol is not there', async () => {
      const resolver = fakeResolver();
      resolver.set(agentName, SVCB, [goodRecord]);
      expect(reasons(await findAgent(agentName, options(resolver, { protocol: 'a2a' })))).toEqual([
        'record_not_found',
      ]);
    });
  });

  describe('AliasMode', () => {
    const alias = 'weather._agents.acme.example';

    it('is followed, and the name that was asked stays the agent', async () => {
      const resolver = fakeResolver();
      resolver.set(alias, SVCB, [`0 ${agentName}.`]);
      resolver.set(agentName, SVCB, ['1 . alpn=mcp']);
      const found = await findAgent(alias, options(resolver));
      expect(found.agents).toMatchObject([{ fqdn: alias, name: 'weather', target: agentName }]);
    });

    it('gives the weakest status and the shortest time of its steps', async () => {
      const resolver = fakeResolver();
      resolver.set(alias, SVCB, { rdata: ['0 agent.other.example.'], ttl: 30 });
      resolver.set('agent.other.example', SVCB, { status: 'insecure', rdata: [goodRecord] });
      const found = await findAgent(alias, options(resolver));
      expect(found.agents).toMatchObject([{ dnssec: 'insecure', ttl: 30 }]);
      expect(reasons(await findAgent(alias, options(resolver, { requireDnssec: true })))).toEqual([
        'dnssec_required',
      ]);
    });

    it('is no stronger than its first step', async () => {
      const resolver = fakeResolver();
      resolver.set(alias, SVCB, { status: 'insecure', rdata: ['0 agent.other.example.'] });
      resolver.set('agent.other.example', SVCB, [goodRecord]);
      expect((await findAgent(alias, options(resolver))).agents).toMatchObject([{ dnssec: 'insecure' }]);
    });

    it('is refused when a step of it is bogus', async () => {
      const resolver = fakeResolver();
      resolver.set(alias, SVCB, ['0 agent.other.example.']);
      resolver.set('agent.other.example', SVCB, { status: 'bogus', rdata: [goodRecord] });
      expect(reasons(await findAgent(alias, options(resolver)))).toEqual(['dnssec_bogus']);
    });

    it('is followed eight times and not nine', async () => {
      const chain = (steps: number) => {
        const resolver = fakeResolver();
        resolver.set(agentName, SVCB, ['0 a1.acme.example.']);
        for (let at = 1; at < steps; at++)
          resolver.set(`a${at}.acme.example`, SVCB, [`0 a${at + 1}.acme.example.`]);
        resolver.set(`a${steps}.acme.example`, SVCB, [goodRecord]);
        return findAgent(agentName, options(resolver));
      };
      expect(targets(await chain(8))).toEqual(['edge.acme.example']);
      expect(reasons(await chain(9))).toEqual(['record_malformed']);
    });

    it('that loops is refused', async () => {
      const resolver = fakeResolver();
      resolver.set(agentName, SVCB, ['0 A1.acme.example.']);
      resolver.set('a1.acme.example', SVCB, [`0 ${agentName}.`]);
      expect(reasons(await findAgent(agentName, options(resolver)))).toEqual(['record_malformed']);
      expect(resolver.asked).toHaveLength(2);
    });

    it('to the root says that the agent is not available', async () => {
      const resolver = fakeResolver();
      resolver.set(agentName, SVCB, ['0 .']);
      resolver.set('weather._agents.acme.example', SVCB, [goodRecord]);
      expect(reasons(await findAgent(agentName, options(resolver)))).toEqual(['record_not_found']);
    });
  });

  it('asks past every cache when it is told to', async () => {
    const resolver = fakeResolver();
    resolver.set(agentName, SVCB, [goodRecord]);
    await findAgent(agentName, options(resolver, { fresh: true }));
    await findAgent(agentName, options(resolver));
    expect(resolver.asked.map(({ fresh }) => fresh)).toEqual([true, false]);
  });

  it('rejects with the reason of an abort, also of one that came before', async () => {
    const resolver = fakeResolver();
    resolver.set(agentName, SVCB, { hangs: true });
    const reason = new Error('enough');
    const controller = new AbortController();
    const finding = findAgent(agentName, options(resolver, { signal: controller.signal }));
    setTimeout(() => controller.abort(reason), 5);
    await expect(finding).rejects.toBe(reason);
    await expect(findAgent(agentName, options(resolver, { signal: AbortSignal.abort(reason) }))).rejects.toBe(
      reason,
    );
  });
});

describe('discoverDomain', () => {
  const indexOwner = '_index._agents.acme.example';
  const domainOf = (agents: Record<string, readonly string[]>, index?: string) => {
    const resolver = fakeResolver();
    const value = `agents=${index ?? Object.keys(agents).map((name) => `${name}:mcp`)}`;
    resolver.set(indexOwner, TXT, [(value.match(/.{1,255}/g) ?? []).map((part) => `"${part}"`).join(' ')]);
    for (const [name, rdata] of Object.entries(agents)) resolver.set(`${name}.acme.example`, SVCB, rdata);
    return resolver;
  };
  const mcp = (name: string) => [`1 ${name}-edge.acme.example. alpn=mcp`];

  it('finds every agent of the index, in its order', async () => {
    const resolver = domainOf({ b: mcp('b'), a: mcp('a') });
    expect(targets(await discoverDomain('ACME.example.', options(resolver)))).toEqual([
      'b-edge.acme.example',
      'a-edge.acme.example',
    ]);
  });

  it('tells of a broken agent beside the good ones', async () => {
    const resolver = domainOf({ a: mcp('a'), b: ['1 _b.acme.example. alpn=mcp'], c: [], d: mcp('d') });
    const found = await discoverDomain('acme.example', options(resolver));
    expect(targets(found)).toEqual(['a-edge.acme.example', 'd-edge.acme.example']);
    expect(found.errors).toMatchObject([
      { fqdn: 'b.acme.example', reason: 'record_malformed' },
      { fqdn: 'c.acme.example', reason: 'record_not_found' },
    ]);
  });

  it('lets the record decide the protocol, and the index only where the record says nothing', async () => {
    const resolver = domainOf(
      { a: ['1 e.acme.example. alpn=a2a'], b: ['1 e.acme.example. alpn=h2'] },
      'a:mcp,b:https',
    );
    const found = await discoverDomain('acme.example', options(resolver));
    expect(found.agents.map(({ protocol }) => protocol)).toEqual(['a2a', 'https']);
  });

  it('looks up only names that the index lists for the wanted protocol', async () => {
    const resolver = domainOf({ a: mcp('a'), b: mcp('b') }, 'a:mcp,b:a2a');
    const found = await discoverDomain('acme.example', options(resolver, { protocol: 'mcp' }));
    expect(targets(found)).toEqual(['a-edge.acme.example']);
    expect(found.errors).toEqual([]);
    expect(resolver.asked.map(({ name }) => name)).not.toContain('b.acme.example.');
    expect(found.leftOut).toBe(1);
    expect(await discoverDomain('acme.example', options(resolver))).not.toHaveProperty('leftOut');
  });

  it('asks for at most sixteen agents at once', async () => {
    const names = Array.from({ length: 40 }, (_, at) => `n${at}`);
    const resolver = domainOf(Object.fromEntries(names.map((name) => [name, mcp(name)])));
    const found = await discoverDomain('acme.example', options(resolver));
    expect(found.agents).toHaveLength(40);
    expect(resolver.peak).toBe(16);
  });

  it.each([
    [{ status: 'bogus' }, 'dnssec_bogus'],
    [{ silent: true }, 'dns_timeout'],
    [{}, 'index_not_found'],
  ] as const)('gives no agents for the index %j', async (answer, reason) => {
    const resolver = domainOf({ a: mcp('a') });
    resolver.set(indexOwner, TXT, answer);
    const found = await discoverDomain('acme.example', options(resolver));
    expect(found).toMatchObject({ agents: [], errors: [{ fqdn: indexOwner, reason }] });
  });

  it('refuses an insecure index where DNSSEC is required', async () => {
    const resolver = domainOf({ a: mcp('a') });
    resolver.set(indexOwner, TXT, { status: 'insecure', rdata: ['"agents=a:mcp"'] });
    expect(targets(await discoverDomain('acme.example', options(resolver)))).toHaveLength(1);
    const strict = await discoverDomain('acme.example', options(resolver, { requireDnssec: true }));
    expect(reasons(strict)).toEqual(['dnssec_required']);
  });

  it('says where an HTTPS index is, which is not read', async () => {
    const resolver = fakeResolver();
    resolver.set(indexOwner, SVCB, ['1 index.acme.example. alpn=h2 port=8443']);
    const found = await discoverDomain('acme.example', options(resolver));
    expect(reasons(found)).toEqual(['index_unsupported']);
    expect(found.errors[0]?.detail).toContain('https://index.acme.example:8443');
  });

  it('takes no name for a domain that is none', async () => {
    expect(reasons(await discoverDomain('_agents.example', options(fakeResolver())))).toEqual([
      'name_invalid',
    ]);
  });
});
