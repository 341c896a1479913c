// `countersign discover`, `verify` and `invoke` against the lab: JSON, exit codes, refusals.

import { writeFile } from 'node:fs/promises';
import { parseRdata, Rcode, RrType } from '@countersign/dns';
import type { Lab } from '@countersign/lab';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { run, runBuilt } from './command.js';
import { type Fixture, json, jsonInside, openFixture, stripTlsaProof } from './fixture.js';

let fixture: Fixture;
let lab: Lab;
let lookup: readonly string[];
let trust: readonly string[];
beforeAll(async () => {
  fixture = await openFixture();
  ({ lab, lookup, trust } = fixture);
});
afterAll(() => fixture.close());

describe('discover', () => {
  it('lists the agents of a domain, and 0', async () => {
    const { code, document } = await json(['discover', lab.domain, ...trust]);
    expect(code).toBe(0);
    expect(document).toEqual({
      agents: [
        expect.objectContaining({ fqdn: 'weather.acme.example', protocol: 'mcp', dnssec: 'secure' }),
        expect.objectContaining({ fqdn: 'quotes.acme.example', protocol: 'https', dnssec: 'secure' }),
      ],
      errors: [],
    });
  });

  it('filters by protocol and by name', async () => {
    const { document } = await jsonInside(['discover', lab.domain, '--protocol', 'https', ...trust]);
    expect(document).toMatchObject({ agents: [{ fqdn: 'quotes.acme.example' }] });
    const named = await jsonInside(['discover', lab.domain, '--name', 'weather', ...trust]);
    expect(named.document).toMatchObject({ agents: [{ fqdn: 'weather.acme.example' }] });
  });

  it('says how many agents the wanted protocol leaves out', async () => {
    const all = await run(['discover', lab.domain, ...trust]);
    expect(all.stdout).not.toContain('Left out');
    const some = await run(['discover', lab.domain, '--protocol', 'https', ...trust]);
    expect(some.stdout).toContain('Left out by --protocol: 1 of the agents that the domain lists.');
  });

  it('ends with 1 when there is no agent', async () => {
    const { code, document } = await jsonInside(['discover', lab.domain, '--name', 'nobody', ...trust]);
    expect(code).toBe(1);
    expect(document).toMatchObject({ agents: [], errors: [{ reason: 'record_not_found' }] });
  });

  it('gives the reason for a record that is skipped', async () => {
    const record = `1 edge2.acme.example. mandatory=alpn,port,key65333 alpn=https port=443 key65333=x`;
    lab.zone.set('future.acme.example', RrType.SVCB, [parseRdata(RrType.SVCB, record)]);
    const { code, document } = await jsonInside(['discover', lab.domain, '--name', 'future', ...trust]);
    lab.zone.remove('future.acme.example', RrType.SVCB);
    expect(code).toBe(1);
    expect(document).toMatchObject({ agents: [], errors: [{ reason: 'mandatory_unsupported' }] });
  });
});

describe('verify and invoke', () => {
  beforeEach(() => lab.restore());
  afterEach(() => lab.tamper());

  const forecast = ['--method', 'forecast', '--args', '{"city":"Oslo"}'];

  it('an honest agent is verified, and 0', async () => {
    const { code, document } = await json(['verify', 'weather.acme.example', '--prefer-dane', ...trust]);
    expect(code).toBe(0);
    expect(document).toMatchObject({
      subject: expect.stringContaining('weather.acme.example'),
      ok: true,
      checks: expect.arrayContaining([expect.objectContaining({ check: 'dane', outcome: 'pass' })]),
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
  });

  it('TLSA is looked at by verify, unless a profile or a flag says otherwise', async () => {
    const agent = ['verify', 'weather.acme.example', ...trust];
    expect((await jsonInside(agent)).code).toBe(0);
    for (const flags of [['--profile', 'permissive'], ['--no-prefer-dane']]) {
      const { code, document } = await jsonInside([...agent, ...flags]);
      expect(code).toBe(1);
      expect(document).toMatchObject({
        checks: expect.arrayContaining([
          expect.objectContaining({ check: 'path', reason: 'certificate_untrusted' }),
          expect.objectContaining({ check: 'dane', outcome: 'skip' }),
        ]),
      });
    }
    expect((await jsonInside([...agent, '--profile', 'permissive', '--prefer-dane'])).code).toBe(0);
    const { stdout } = await run([...agent, '--profile', 'permissive']);
    expect(stdout).toMatch(/Refused: certificate_untrusted\n.*publishes a TLSA record: use --prefer-dane/s);
  });

  it('one address may be allowed as well as a network', async () => {
    const agent = [
      'verify',
      'quotes.acme.example',
      ...lookup,
      '--ca',
      fixture.file('ca.pem'),
      '--allow-address',
    ];
    expect((await jsonInside([...agent, '127.0.0.1'])).code).toBe(0);
    expect((await jsonInside([...agent, '127.0.0.2'])).code).toBe(1);
  });

  it('what a failing tool says is shown once', async () => {
    const call = [
      'invoke',
      'weather.acme.example',
      '--method',
      'forecast',
      '--prefer-dane',
      ...trust,
      '--args',
    ];
    const { code, stdout } = await run([...call, '{"city":"Atlantis"}']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/\nFailed: tool_error\n/);
    expect(stdout.split('Atlantis')).toHaveLength(2);
    expect((await run([...call, '{"city":"Oslo"}'])).code).toBe(0);
  });

  it('an honest agent is called, and 0', async () => {
    const { code, document } = await json([
      'invoke',
      'weather.acme.example',
      ...forecast,
      '--require-dane',
      ...trust,
    ]);
    expect(code).toBe(0);
    expect(document).toMatchObject({
      ok: true,
      data: expect.stringContaining('Oslo'),
      signal: { status: 'success', agent: 'weather.acme.example', method: 'forecast' },
    });
  });

  it('an impostor is refused, and 1; it gets no request', async () => {
    await lab.impersonate();
    const verdict = await json(['verify', 'weather.acme.example', '--prefer-dane', ...trust]);
    expect(verdict.code).toBe(1);
    expect(verdict.document).toMatchObject({
      ok: false,
      checks: expect.arrayContaining([
        expect.objectContaining({ check: 'dane', outcome: 'fail', reason: 'dane_mismatch' }),
      ]),
    });
    const call = await json(['invoke', 'weather.acme.example', ...forecast, '--prefer-dane', ...trust]);
    expect(call.code).toBe(1);
    expect(call.document).toMatchObject({
      ok: false,
      data: null,
      signal: { status: 'refused', reason: 'dane_mismatch' },
    });
    expect(lab.impostor.requests).toBe(0);
  });

  it('a stripped proof is refused as bogus', async () => {
    lab.tamper(stripTlsaProof);
    const { code, document } = await json([
      'invoke',
      'weather.acme.example',
      ...forecast,
      '--prefer-dane',
      ...trust,
    ]);
    expect(code).toBe(1);
    expect(document).toMatchObject({ signal: { status: 'refused', reason: 'dnssec_bogus' } });
  });

  it.each([RrType.DS, RrType.DNSKEY])(
    'a forged record is refused although the query for its proof (type %i) is broken as well',
    async (proof) => {
      const { weather, quotes } = lab.agents;
      const forged = `1 ${quotes.target}. alpn=https port=${quotes.port} key65402=https`;
      const before = quotes.requests;
      const call = ['invoke', weather.fqdn, ...forecast, '--profile', 'standard', ...trust];
      lab.tamper((question, reply) => {
        if (question.type === proof && question.name.labelCount === 2) {
          return { ...reply, rcode: Rcode.SERVFAIL, answers: [], authorities: [] };
        }
        if (question.type !== RrType.SVCB) return reply;
        const unsigned = reply.answers.filter(({ type }) => type === RrType.SVCB);
        const answers = unsigned.map((record) => ({ ...record, rdata: parseRdata(RrType.SVCB, forged) }));
        return { ...reply, answers };
      });
      const refused = { code: 1, document: { signal: { status: 'refused', reason: 'lookup_failed' } } };
      expect(await jsonInside(call)).toMatchObject(refused);
      expect(quotes.requests).toBe(before);
      lab.tamper();
      expect((await jsonInside(call)).code).toBe(0);
    },
  );

  it('require_dane refuses the agent without TLSA, by flag, environment or file; the flag decides', async () => {
    const call = [
      'invoke',
      'quotes.acme.example',
      '--method',
      'quote',
      '--args',
      '{"symbol":"ACME"}',
      ...trust,
    ];
    expect((await jsonInside(call)).code).toBe(0);
    const refused = { code: 1, document: { signal: { status: 'refused', reason: 'dane_absent' } } };
    expect(await jsonInside([...call, '--require-dane'])).toMatchObject(refused);
    const env = { DNS_AID_REQUIRE_DANE: 'true' };
    expect(await jsonInside(call, env)).toMatchObject(refused);
    const file = fixture.file('strict.yaml');
    await writeFile(file, 'discovery:\n  require_dane: true\n');
    expect(await jsonInside([...call, '--config', file])).toMatchObject(refused);
    expect((await jsonInside([...call, '--config', file, '--no-require-dane'], env)).code).toBe(0);
    expect((await jsonInside([...call, '--config', file], { DNS_AID_REQUIRE_DANE: '0' })).code).toBe(0);
  });

  it('takes everything from a file, with paths beside the file', async () => {
    await writeFile(
      fixture.file('whole.yaml'),
      [
        'dns:',
        `  servers: ["${lab.dns.host}#\${DNS_PORT}"]`,
        '  anchors: anchor',
        'discovery:',
        '  profile: standard',
        '  ca: [ca.pem]',
        '  allow_addresses: [127.0.0.0/8]',
        '',
      ].join('\n'),
    );
    const argv = ['verify', 'quotes.acme.example', '--config', fixture.file('whole.yaml')];
    expect(await json(argv, { DNS_PORT: String(lab.dns.port) })).toMatchObject({ code: 0 });
  });

  it('an agent on a loopback address is refused unless that is allowed', async () => {
    const { code, document } = await json([
      'invoke',
      'weather.acme.example',
      ...forecast,
      '--prefer-dane',
      ...lookup,
    ]);
    expect(code).toBe(1);
    expect(document).toMatchObject({ signal: { reason: 'address_forbidden' } });
  });

  it('a name without a record does not hold', async () => {
    expect(await jsonInside(['verify', 'nobody.acme.example', ...trust])).toMatchObject({
      code: 1,
      document: { ok: false, checks: [{ check: 'record', reason: 'record_not_found' }] },
    });
    expect(await jsonInside(['invoke', 'nobody.acme.example', ...forecast, ...trust])).toMatchObject({
      code: 1,
      document: { ok: false, signal: { reason: 'record_not_found' } },
    });
  });

  it('prints one line a check for people, and for a refusal what to do', async () => {
    const holds = await runBuilt(['verify', 'weather.acme.example', '--prefer-dane', ...trust]);
    expect(holds.code).toBe(0);
    expect(holds.stdout).toMatch(/✓ dane/);
    await lab.impersonate();
    const refused = await runBuilt(['verify', 'weather.acme.example', '--prefer-dane', ...trust]);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toMatch(/✗ dane.*Refused: dane_mismatch\n.*Do not go on/s);
    expect(refused.stdout).not.toContain('\u001b');
    for (const line of refused.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });
});
