// The built program against the lab: each verb's JSON document and exit code, for what holds, for what does
// not, and for people.

import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeTlsa, formatRdata, parseRdata, RrType } from '@countersign/dns';
import { type Lab, startLab, tlsaOf } from '@countersign/lab';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runBuilt } from './command.js';

let lab: Lab;
let folder = '';
let lookup: string[] = [];
let trust: string[] = [];

beforeAll(async () => {
  lab = await startLab();
  folder = await mkdtemp(join(tmpdir(), 'countersign-cli-'));
  await writeFile(join(folder, 'anchor'), lab.anchors);
  await writeFile(join(folder, 'ca.pem'), lab.ca);
  lookup = ['--server', `${lab.dns.host}#${lab.dns.port}`, '--anchor', join(folder, 'anchor')];
  trust = [...lookup, '--ca', join(folder, 'ca.pem'), '--allow-address', '127.0.0.0/8'];
});
afterAll(async () => {
  await lab.close();
  await rm(folder, { recursive: true, force: true });
});

/** The one document on standard output, and nothing on standard error. */
async function json(argv: readonly string[], env?: Readonly<Record<string, string>>) {
  const { code, stdout, stderr } = await runBuilt([...argv, '--json'], env);
  expect(stderr).toBe('');
  const document: unknown = JSON.parse(stdout);
  return { code, document };
}

const stripTlsaProof: Parameters<Lab['tamper']>[0] = (question, reply) =>
  question.type === RrType.TLSA
    ? { ...reply, answers: reply.answers.filter(({ type }) => type !== RrType.RRSIG) }
    : reply;

describe('resolve', () => {
  afterEach(() => lab.tamper());

  it('gives a secure answer with its chain, and 0', async () => {
    const owner = `_${lab.agents.weather.port}._tcp.${lab.agents.weather.target}`;
    expect(await json(['resolve', owner, 'tlsa', ...lookup])).toEqual({
      code: 0,
      document: {
        name: `${owner}.`,
        type: 'TLSA',
        status: 'secure',
        rcode: 'NOERROR',
        answers: [
          {
            name: `${owner}.`,
            type: 'TLSA',
            ttl: expect.any(Number),
            data: expect.stringMatching(/^3 1 1 [0-9a-f]{64}$/i),
          },
        ],
        ede: null,
        why: expect.any(String),
        chain: [
          expect.objectContaining({ zone: '.', status: 'secure' }),
          expect.objectContaining({ zone: 'example.', status: 'secure' }),
          expect.objectContaining({ zone: 'acme.example.', status: 'secure' }),
        ],
      },
    });
  });

  it('gives a proven absence, and 0', async () => {
    const { code, document } = await json(['resolve', 'nobody.acme.example', 'A', ...lookup]);
    expect(code).toBe(0);
    expect(document).toMatchObject({ status: 'secure', rcode: 'NXDOMAIN', answers: [] });
  });

  it('gives a bogus answer without its records, and 1', async () => {
    lab.tamper(stripTlsaProof);
    const owner = `_${lab.agents.weather.port}._tcp.${lab.agents.weather.target}`;
    const { code, document } = await json(['resolve', owner, 'TLSA', ...lookup]);
    expect(code).toBe(1);
    expect(document).toMatchObject({ status: 'bogus', answers: [], ede: expect.any(Number) });
  });

  it('validates as of another moment: signatures of today are not valid in ten years', async () => {
    const { code, document } = await json([
      'resolve',
      'weather.acme.example',
      'SVCB',
      ...lookup,
      '--at',
      '2040-01-01',
    ]);
    expect(code).toBe(1);
    expect(document).toMatchObject({ status: 'bogus' });
  });

  it('ends with 2 when no server answers', async () => {
    const { code, document } = await json(['resolve', 'a.example', 'A', '--server', '127.0.0.1#1']);
    expect(code).toBe(2);
    expect(document).toEqual({
      error: { code: expect.stringMatching(/^ERR_DNS_/), message: expect.any(String) },
    });
  });

  it('prints the chain as a tree for people, without colour when piped, within 80 columns', async () => {
    const { code, stdout, stderr } = await runBuilt(['resolve', 'weather.acme.example', 'SVCB', ...lookup]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^\. {2}secure.*\n(.*\n)*└─ example\. {2}secure.*\n(.*\n)* {3}└─ acme\.example\. {2}secure/,
    );
    expect(stdout).not.toContain('\u001b');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('prints nothing with --quiet', async () => {
    expect(await runBuilt(['resolve', 'weather.acme.example', 'SVCB', ...lookup, '--quiet'])).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });
});

describe('dane check', () => {
  let chain = '';
  let right = '';
  let wrong = '';

  beforeAll(async () => {
    const { certificate, target } = lab.agents.weather;
    chain = join(folder, 'chain.pem');
    await writeFile(chain, new X509Certificate(certificate).toString());
    right = formatRdata(RrType.TLSA, tlsaOf(certificate));
    wrong = formatRdata(RrType.TLSA, tlsaOf(lab.impostor.certificate));
    await writeFile(
      join(folder, 'tlsa.txt'),
      `; both keys\n_443._tcp.${target}. 300 IN TLSA ${wrong}\nTLSA ${right}\n`,
    );
    await writeFile(join(folder, 'empty.txt'), '; none\n');
  });
  const check = (...argv: string[]) => json(['dane', 'check', '--chain', chain, ...argv]);
  const name = ['--name', 'edge1.acme.example'];

  it('a matching record holds', async () => {
    expect(await check(...name, '--tlsa', right)).toEqual({
      code: 0,
      document: { verdict: 'match', depth: 0, usage: 3, why: expect.any(String) },
    });
  });

  it('one matching record of several is enough', async () => {
    expect(await check(...name, '--tlsa', wrong, '--tlsa', right)).toMatchObject({ code: 0 });
    expect(await check(...name, '--tlsa-file', join(folder, 'tlsa.txt'))).toMatchObject({ code: 0 });
  });

  it('no matching record does not hold', async () => {
    expect(await check(...name, '--tlsa', wrong)).toEqual({
      code: 1,
      document: {
        verdict: 'mismatch',
        depth: null,
        usage: expect.toSatisfy((usage) => usage === null || usage === 3),
        why: expect.any(String),
      },
    });
  });

  it('no record at all is absent', async () => {
    expect(await check(...name, '--tlsa-file', join(folder, 'empty.txt'))).toMatchObject({
      code: 1,
      document: { verdict: 'absent' },
    });
  });

  it('a digest of the wrong length is unusable', async () => {
    const short = formatRdata(
      RrType.TLSA,
      encodeTlsa({ usage: 3, selector: 1, matchingType: 1, data: Uint8Array.of(1, 2) }),
    );
    expect(await check(...name, '--tlsa', short)).toMatchObject({
      code: 1,
      document: { verdict: 'unusable' },
    });
  });

  it('a usage that is not evaluated is unusable, and said to be', async () => {
    const { code, document } = await check(...name, '--tlsa', right.replace(/^3/, '2'));
    expect(code).toBe(1);
    expect(document).toMatchObject({ verdict: 'unusable', why: expect.stringMatching(/usage|DANE-TA/i) });
  });

  it('another name does not hold, unless names are left aside', async () => {
    expect((await check('--name', 'other.example', '--tlsa', right)).code).toBe(1);
    expect((await check('--name', 'other.example', '--tlsa', right, '--no-name-check')).code).toBe(0);
    expect((await check('--tlsa', right, '--no-name-check')).code).toBe(0);
  });

  it.each([
    ['no record', [...name]],
    ['no name', ['--tlsa', `3 1 1 ${'ab'.repeat(32)}`]],
    ['a record that is none', [...name, '--tlsa', '3 1 1 zz']],
    ['a missing file', [...name, '--tlsa-file', '/nonexistent']],
    ['authorities that are none', [...name, '--tlsa', `3 1 1 ${'ab'.repeat(32)}`, '--ca', '/dev/null']],
  ])('%s is an error', async (_, argv) => {
    const { code, document } = await check(...argv);
    expect(code).toBe(2);
    expect(document).toEqual({ error: { code: expect.any(String), message: expect.any(String) } });
  });

  it('a chain without a certificate is an error', async () => {
    const { code } = await json([
      'dane',
      'check',
      '--chain',
      join(folder, 'anchor'),
      ...name,
      '--tlsa',
      right,
    ]);
    expect(code).toBe(2);
  });
});

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
    const { document } = await json(['discover', lab.domain, '--protocol', 'https', ...trust]);
    expect(document).toMatchObject({ agents: [{ fqdn: 'quotes.acme.example' }] });
    const named = await json(['discover', lab.domain, '--name', 'weather', ...trust]);
    expect(named.document).toMatchObject({ agents: [{ fqdn: 'weather.acme.example' }] });
  });

  it('ends with 1 when there is no agent', async () => {
    const { code, document } = await json(['discover', lab.domain, '--name', 'nobody', ...trust]);
    expect(code).toBe(1);
    expect(document).toMatchObject({ agents: [] });
  });

  it('gives the reason for a record that is skipped', async () => {
    const record = `1 edge2.acme.example. mandatory=alpn,port,key65333 alpn=https port=443 key65333=x`;
    lab.zone.set('future.acme.example', RrType.SVCB, [parseRdata(RrType.SVCB, record)]);
    const { code, document } = await json(['discover', lab.domain, '--name', 'future', ...trust]);
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
    expect((await json(call)).code).toBe(0);
    const refused = { code: 1, document: { signal: { status: 'refused', reason: 'dane_absent' } } };
    expect(await json([...call, '--require-dane'])).toMatchObject(refused);
    const env = { DNS_AID_REQUIRE_DANE: 'true' };
    expect(await json(call, env)).toMatchObject(refused);
    const file = join(folder, 'strict.yaml');
    await writeFile(file, 'discovery:\n  require_dane: true\n');
    expect(await json([...call, '--config', file])).toMatchObject(refused);
    expect((await json([...call, '--config', file, '--no-require-dane'], env)).code).toBe(0);
    expect((await json([...call, '--config', file], { DNS_AID_REQUIRE_DANE: '0' })).code).toBe(0);
  });

  it('takes everything from a file, with paths beside the file', async () => {
    await writeFile(
      join(folder, 'whole.yaml'),
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
    const argv = ['verify', 'quotes.acme.example', '--config', join(folder, 'whole.yaml')];
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
    expect((await json(['verify', 'nobody.acme.example', ...trust])).code).toBe(1);
    expect(await json(['invoke', 'nobody.acme.example', ...forecast, ...trust])).toMatchObject({
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
