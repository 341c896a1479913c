// The lab's signatures and proofs, judged by BIND's validator.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseRdata, RrType } from '@countersign/dns';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, startLab } from '../src/lab.js';

const run = promisify(execFile);

const isInstalled = await run('delv', ['-v']).then(
  () => true,
  () => false,
);
const isNeeded = process.env.CI === 'true';
if (!isInstalled && !isNeeded) {
  process.stderr.write('skipped: delv (Debian package bind9-dnsutils) is not installed\n');
}

describe.skipIf(!isInstalled && !isNeeded)('delv', () => {
  let lab: Lab;
  let directory: string;

  beforeAll(async () => {
    lab = await startLab();
    directory = await mkdtemp(join(tmpdir(), 'countersign-lab-'));
    const [, , , tag, algorithm, digestType, ...digest] = lab.anchors.trim().split(/\s+/);
    const anchor = `trust-anchors { . static-ds ${tag} ${algorithm} ${digestType} "${digest.join('')}"; };\n`;
    await writeFile(join(directory, 'anchors'), anchor);
    lab.zone.set(`*.wild.${lab.domain}`, RrType.TXT, [parseRdata(RrType.TXT, '"any"')]);
    lab.zone.set(`alias.${lab.domain}`, RrType.CNAME, [
      parseRdata(RrType.CNAME, `${lab.agents.weather.fqdn}.`),
    ]);
  });

  afterAll(async () => {
    await lab.close();
    await rm(directory, { recursive: true });
  });

  async function delv(name: string, type: string): Promise<string> {
    const { stdout, stderr } = await run('delv', [
      '@127.0.0.1',
      '-p',
      String(lab.dns.port),
      '-a',
      join(directory, 'anchors'),
      '+root=.',
      name,
      type,
    ]);
    return stdout + stderr;
  }

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
    expect(await delv(name, type)).toContain(verdict);
  });

  it('does not validate an answer whose signature was stripped', async () => {
    lab.tamper((question, reply) =>
      question.type === RrType.SVCB
        ? { ...reply, answers: reply.answers.filter(({ type }) => type !== RrType.RRSIG) }
        : reply,
    );
    const output = await delv('weather.acme.example', 'SVCB').catch((error: unknown) => String(error));
    lab.tamper();
    expect(output).not.toContain('fully validated');
    expect(await delv('weather.acme.example', 'SVCB')).toContain('fully validated');
  });
});
