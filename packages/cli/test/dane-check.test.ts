// `countersign dane check`: the verdict, for records and chains of every kind, offline.

import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { encodeTlsa, formatRdata, RrType } from '@countersign/dns';
import { type Lab, tlsaOf } from '@countersign/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './command.js';
import { type Fixture, json, jsonInside, openFixture } from './fixture.js';

let fixture: Fixture;
let lab: Lab;
beforeAll(async () => {
  fixture = await openFixture();
  ({ lab } = fixture);
});
afterAll(() => fixture.close());

describe('dane check', () => {
  let chain = '';
  let right = '';
  let wrong = '';

  beforeAll(async () => {
    const { certificate, target } = lab.agents.weather;
    chain = fixture.file('chain.pem');
    await writeFile(chain, new X509Certificate(certificate).toString());
    right = formatRdata(RrType.TLSA, tlsaOf(certificate));
    wrong = formatRdata(RrType.TLSA, tlsaOf(lab.impostor.certificate));
    await writeFile(
      fixture.file('tlsa.txt'),
      `; both keys\n_443._tcp.${target}. 300 IN TLSA ${wrong}\nTLSA ${right}\n`,
    );
    await writeFile(fixture.file('empty.txt'), '; none\n');
  });
  const check = (...argv: string[]) => jsonInside(['dane', 'check', '--chain', chain, ...argv]);
  const name = ['--name', 'edge1.acme.example'];

  it('a matching record holds', async () => {
    expect(await json(['dane', 'check', '--chain', chain, ...name, '--tlsa', right])).toEqual({
      code: 0,
      document: { verdict: 'match', depth: 0, usage: 3, why: expect.any(String) },
    });
  });

  it('one matching record of several is enough', async () => {
    expect(await check(...name, '--tlsa', wrong, '--tlsa', right)).toMatchObject({ code: 0 });
    expect(await check(...name, '--tlsa-file', fixture.file('tlsa.txt'))).toMatchObject({ code: 0 });
  });

  it('no matching record does not hold', async () => {
    expect(await json(['dane', 'check', '--chain', chain, ...name, '--tlsa', wrong])).toEqual({
      code: 1,
      document: {
        verdict: 'mismatch',
        depth: null,
        usage: null,
        records: [wrong.toLowerCase()],
        seen: [right.toLowerCase()],
        why: expect.stringMatching(/^the leaf does not match the one usable TLSA record: seen .*; wanted /),
      },
    });
  });

  it('a mismatch shows people what was seen and what was wanted', async () => {
    const { stdout } = await run(['dane', 'check', '--chain', chain, ...name, '--tlsa', wrong]);
    const shown = stdout.replaceAll(/\s/g, '');
    for (const record of [wrong, right]) expect(shown).toContain(record.toLowerCase().replaceAll(' ', ''));
  });

  it('a chain in DER is told to be written as PEM', async () => {
    const der = fixture.file('chain.der');
    await writeFile(der, lab.agents.weather.certificate);
    const argv = ['dane', 'check', ...name, '--tlsa', right, '--chain'];
    expect(await jsonInside([...argv, der])).toMatchObject({
      code: 2,
      document: {
        error: { code: 'ERR_USAGE', message: expect.stringContaining('write it as PEM: openssl x509') },
      },
    });
    expect((await jsonInside([...argv, chain])).code).toBe(0);
  });

  it('no record at all is absent', async () => {
    expect(await check(...name, '--tlsa-file', fixture.file('empty.txt'))).toMatchObject({
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
    expect(await check('--name', 'other.example', '--tlsa', right)).toMatchObject({
      code: 1,
      document: { verdict: 'mismatch' },
    });
    expect((await check('--name', 'other.example', '--tlsa', right, '--no-name-check')).code).toBe(0);
    expect((await check('--tlsa', right, '--no-name-check')).code).toBe(0);
  });

  it.each([
    ['no record', [...name], 'ERR_USAGE'],
    ['no name', ['--tlsa', `3 1 1 ${'ab'.repeat(32)}`], 'ERR_USAGE'],
    ['a record that is none', [...name, '--tlsa', '3 1 1 zz'], 'ERR_USAGE'],
    ['a missing file', [...name, '--tlsa-file', '/nonexistent'], 'ERR_CONFIG_UNREADABLE'],
    [
      'authorities that are none',
      [...name, '--tlsa', `3 1 1 ${'ab'.repeat(32)}`, '--ca', '/dev/null'],
      'ERR_USAGE',
    ],
  ])('%s is an error', async (_, argv, reason) => {
    const { code, document } = await check(...argv);
    expect(code).toBe(2);
    expect(document).toEqual({ error: { code: reason, message: expect.any(String) } });
  });

  it('a chain without a certificate is an error', async () => {
    const { code, document } = await jsonInside([
      'dane',
      'check',
      '--chain',
      fixture.file('anchor'),
      ...name,
      '--tlsa',
      right,
    ]);
    expect(code).toBe(2);
    expect(document).toMatchObject({ error: { code: 'ERR_USAGE' } });
  });
});
