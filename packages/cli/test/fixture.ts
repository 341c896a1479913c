// The lab and the files that the command's tests hand to it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RrType } from '@countersign/dns';
import { type Lab, startLab } from '@countersign/lab';
import { expect } from 'vitest';
import { type Run, run, runBuilt } from './command.js';

type Env = Readonly<Record<string, string>>;

/** A document of `--json` and the exit code that came with it. */
export interface Outcome {
  readonly code: number | null;
  readonly document: unknown;
}

export interface Fixture {
  readonly lab: Lab;
  /** A path in a folder of its own, which holds `anchor` and `ca.pem`. */
  readonly file: (name: string) => string;
  /** The flags of a look-up in the lab. */
  readonly lookup: readonly string[];
  /** The flags of a verb that talks to the lab's agents. */
  readonly trust: readonly string[];
  readonly close: () => Promise<void>;
}

export async function openFixture(): Promise<Fixture> {
  const lab = await startLab();
  const folder = await mkdtemp(join(tmpdir(), 'countersign-cli-'));
  const file = (name: string) => join(folder, name);
  await writeFile(file('anchor'), lab.anchors);
  await writeFile(file('ca.pem'), lab.ca);
  const lookup = ['--server', `${lab.dns.host}#${lab.dns.port}`, '--anchor', file('anchor')];
  return {
    lab,
    file,
    lookup,
    trust: [...lookup, '--ca', file('ca.pem'), '--allow-address', '127.0.0.0/8'],
    close: async () => {
      await lab.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What the built program gives with `--json`: one document, and nothing on standard error. */
export async function json(argv: readonly string[], env?: Env): Promise<Outcome> {
  return outcome(await runBuilt([...argv, '--json'], env));
}

/** The same inside the test, for variants that need no process of their own. */
export async function jsonInside(argv: readonly string[], env: Env = {}): Promise<Outcome> {
  return outcome(await run([...argv, '--json'], { env }));
}

function outcome({ code, stdout, stderr }: Run): Outcome {
  expect(stderr).toBe('');
  return { code, document: JSON.parse(stdout) };
}

/** A man in the middle who takes the signatures off TLSA answers. */
export const stripTlsaProof: Parameters<Lab['tamper']>[0] = (question, reply) =>
  question.type === RrType.TLSA
    ? { ...reply, answers: reply.answers.filter(({ type }) => type !== RrType.RRSIG) }
    : reply;
