// The lab's signatures and proofs, judged by BIND's validator.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatRdata, parseRdata, RrType, type ServerAddress } from '@countersign/dns';
import { type Lab, startDnsServer, startLab, Zone } from '@countersign/lab';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serverSuite } from './servers.js';
import { runProgram } from './support/program.js';

/** What delv says of a look-up, from an anchor in presentation form. */
async function delv(dns: ServerAddress, anchor: string, name: string, type: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-lab-'));
  try {
    const file = join(directory, 'anchors');
    const [tag, algorithm, digestType, ...digest] = anchor.trim().split(/\s+/).slice(-4);
    await writeFile(
      file,
      `trust-anchors { . static-ds ${tag} ${algorithm} ${digestType} "${digest.join('')}"; };\n`,
    );
    const server = [`@${dns.host}`, '-p', String(dns.port), '-a', file, '+root=.'];
    const { stdout, stderr } = await runProgram('delv', [...server, name, type]);
    return stdout + stderr;
  } finally {
    await rm(directory, { recursive: true });
  }
}

serverSuite('the lab by delv', ['delv'], () => {
  let lab: Lab;
  const ask = (name: string, type: string) => delv(lab.dns, lab.anchors, name, type);

  beforeAll(async () => {
    lab = await startLab();
    lab.zone.set(`*.wild.${lab.domain}`, RrType.TXT, [parseRdata(RrType.TXT, '"any"')]);
    lab.zone.set(`alias.${lab.domain}`, RrType.CNAME, [
      parseRdata(RrType.CNAME, `${lab.agents.weather.fqdn}.`),
    ]);
  });

  afterAll(() => lab?.close());

  it.each([
    ['an answer', 'weather.acme.example', 'SVCB', '; fully validated'],
    ['an alias', 'alias.acme.example', 'SVCB', '; fully validated'],
    ['an expanded wildcard', 'x.wild.acme.example', 'TXT', '; fully validated'],
    ['the keys of the root', '.', 'DNSKEY', '; fully validated'],
    ['a DS record', 'acme.example', 'DS', '; fully validated'],
    ['a type that is absent', 'weather.acme.example', 'AAAA', '; negative response, fully validated'],
    ['an empty non-terminal', '_agents.acme.example', 'A', '; negative response, fully validated'],
    ['a type absent under a wildcard', 'x.wild.acme.example', 'A', '; negative response, fully validated'],
    ['a name that is absent', 'nothing.acme.example', 'A', '; negative response, fully validated'],
    ['a TLD that is absent', 'nothing', 'A', '; negative response, fully validated'],
  ])('validates %s', async (_what, name, type, verdict) => {
    expect(await ask(name, type)).toContain(verdict);
  });

  it('does not validate an answer whose signature was stripped', async () => {
    lab.tamper((question, reply) =>
      question.type === RrType.SVCB
        ? { ...reply, answers: reply.answers.filter(({ type }) => type !== RrType.RRSIG) }
        : reply,
    );
    const output = await ask('weather.acme.example', 'SVCB');
    lab.tamper();
    expect(output).toContain('resolution failed');
    expect(output).not.toContain('fully validated');
    expect(await ask('weather.acme.example', 'SVCB')).toContain('fully validated');
  });

  it('takes a delegation without DS as insecure, and signatures of the past as no signatures', async () => {
    const root = new Zone('.');
    const old = new Zone('old', { clock: () => Date.now() - 30 * 86_400_000 });
    const zones = [new Zone('plain', { signed: false }), new Zone('signed'), old];
    for (const zone of zones) {
      zone.set(zone.origin.prepend('www'), RrType.A, [parseRdata(RrType.A, '127.0.0.1')]);
      root.delegate(zone);
    }
    const dns = await startDnsServer([root, ...zones]);
    const anchor = formatRdata(RrType.DS, root.ds[0] ?? new Uint8Array());
    try {
      expect(await delv(dns.address, anchor, 'www.signed', 'A')).toContain('; fully validated');
      expect(await delv(dns.address, anchor, 'www.plain', 'A')).toContain('; unsigned answer');
      const expired = await delv(dns.address, anchor, 'www.old', 'A');
      expect(expired).not.toMatch(/^; (fully validated|unsigned answer)/m);
      expect(expired).toContain('expired');
    } finally {
      await dns.close();
    }
  });
});
