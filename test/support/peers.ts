// What other validators say of a name: delv, which validates by itself, and Unbound, which tells by the AD flag
// or by SERVFAIL.

import { writeFile } from 'node:fs/promises';
import type { NameServer } from './nameserver.js';
import { mustRun, runProgram } from './program.js';
import type { Tree } from './tree.js';

/** What a validator found: its status, and the response code where the answer was not refused. */
export interface Opinion {
  readonly status: 'secure' | 'insecure' | 'bogus';
  readonly rcode?: string;
}

/** What is asked, in presentation form. */
export interface Question {
  readonly name: string;
  readonly type: string;
}

/** Asks delv, which validates what named gives it, from the anchor of `root` (default: the root zone) down. */
export async function askDelv(
  tree: Pick<Tree, 'named' | 'bindAnchorFile'>,
  name: string,
  type: string,
  root = '.',
): Promise<Opinion> {
  const server = ['@127.0.0.1', '-p', String(tree.named.port), '-a', tree.bindAnchorFile, `+root=${root}`];
  const { stdout, stderr } = await runProgram('delv', [...server, name, type]);
  const text = stdout + stderr;
  if (/resolution failed: (?!ncache)/.test(text)) return { status: 'bogus' };
  const rcode = /ncache nxdomain/.test(text) ? 'NXDOMAIN' : 'NOERROR';
  // The weakest part of an alias chain is what the whole is worth.
  if (/^; (negative response, )?unsigned answer/m.test(text)) return { status: 'insecure', rcode };
  if (/^; (negative response, )?fully validated/m.test(text)) return { status: 'secure', rcode };
  throw new Error(`delv ${name} ${type} said neither yes nor no:\n${text}`);
}

/** Asks Unbound. */
export async function askUnbound(tree: Tree, name: string, type: string): Promise<Opinion> {
  const server = ['@127.0.0.1', '-p', String(tree.unbound.port)];
  const { stdout } = await runProgram('dig', [...server, '+dnssec', '+noall', '+comments', name, type]);
  return readReply(stdout);
}

function readReply(text: string): Opinion {
  const rcode = /status: (\w+)/.exec(text)?.[1];
  const flags = /flags: ([\w ]*);/.exec(text)?.[1];
  if (rcode === undefined || flags === undefined) throw new Error(`Unbound did not answer:\n${text}`);
  if (rcode === 'SERVFAIL') return { status: 'bogus' };
  return { status: flags.split(' ').includes('ad') ? 'secure' : 'insecure', rcode };
}

/**
 * Asks Unbound many questions in one go.
 *
 * @param file a file that does not exist yet, for the questions
 */
export async function askUnboundAll(
  unbound: NameServer,
  questions: readonly Question[],
  file: string,
): Promise<readonly Opinion[]> {
  await writeFile(file, questions.map(({ name, type }) => `${name} ${type}\n`).join(''));
  const args = ['@127.0.0.1', '-p', String(unbound.port), '+dnssec', '+noall', '+comments', '-f', file];
  const output = await mustRun('dig', args, { timeoutMs: 120_000 });
  const replies = output.split(';; Got answer:').slice(1);
  if (replies.length !== questions.length)
    throw new Error(`Unbound answered ${replies.length} of ${questions.length} questions:\n${unbound.log()}`);
  return replies.map(readReply);
}
