// `countersign resolve` against the lab: JSON, exit codes, the tree for people.

import { Ede, RrType } from '@countersign/dns';
import type { Lab } from '@countersign/lab';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { run, runBuilt } from './command.js';
import { type Fixture, json, jsonInside, openFixture, stripTlsaProof } from './fixture.js';

let fixture: Fixture;
let lab: Lab;
let lookup: readonly string[];
beforeAll(async () => {
  fixture = await openFixture();
  ({ lab, lookup } = fixture);
});
afterAll(() => fixture.close());

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
    const { code, document } = await jsonInside(['resolve', 'nobody.acme.example', 'A', ...lookup]);
    expect(code).toBe(0);
    expect(document).toMatchObject({ status: 'secure', rcode: 'NXDOMAIN', answers: [] });
  });

  it('gives a bogus answer without its records, and 1', async () => {
    lab.tamper(stripTlsaProof);
    const owner = `_${lab.agents.weather.port}._tcp.${lab.agents.weather.target}`;
    const { code, document } = await json(['resolve', owner, 'TLSA', ...lookup]);
    expect(code).toBe(1);
    expect(document).toMatchObject({ status: 'bogus', answers: [], ede: Ede.rrsigsMissing });
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
    expect(document).toMatchObject({ status: 'bogus', ede: Ede.signatureExpired });
  });

  it('ends with 2 when no server answers', async () => {
    const { code, document } = await jsonInside(['resolve', 'a.example', 'A', '--server', '127.0.0.1#1']);
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
    const [record, ...others] = stdout
      .split('\n')
      .filter((line) => line.startsWith('weather.acme.example. '));
    expect(record).toMatch(/^weather\.acme\.example\. \d+ SVCB 1 edge1\.acme\.example\. .+$/);
    expect(others).toEqual([]);
    for (const line of stdout.split('\n')) {
      if (line !== record) expect(line.length).toBeLessThanOrEqual(80);
    }
  });

  it('wraps a record on a terminal, which a pipe gets on one line', async () => {
    const argv = ['resolve', 'weather.acme.example', 'SVCB', ...lookup];
    const { stdout } = await run(argv, { isTTY: true, env: { NO_COLOR: '1' } });
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('says what to do when no key of the root matches the trust anchor, or it has none', async () => {
    const advice = /--server\), or another\s+trust anchor is needed \(--anchor FILE\)/;
    const argv = ['resolve', 'weather.acme.example', 'SVCB', ...lookup];
    expect((await run(argv)).stdout).not.toMatch(advice);
    const { code, stdout } = await run(argv.slice(0, -2));
    expect(code).toBe(1);
    expect(stdout).toMatch(advice);
    lab.tamper((question, reply) => (question.type === RrType.DNSKEY ? { ...reply, answers: [] } : reply));
    expect((await run(argv)).stdout).toMatch(advice);
    lab.tamper((question, reply) =>
      question.type === RrType.DNSKEY && question.name.labelCount > 0 ? { ...reply, answers: [] } : reply,
    );
    expect((await run(argv)).stdout).not.toMatch(advice);
  });

  it('prints nothing with --quiet', async () => {
    expect(await runBuilt(['resolve', 'weather.acme.example', 'SVCB', ...lookup, '--quiet'])).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });
});
