// What other validators say of a name: delv, which validates by itself, and Unbound, which tells by the AD flag
// or by SERVFAIL.

import { runProgram } from './program.js';
import type { Tree } from './tree.js';

/** What a validator found: its status, and the response code where the answer was not refused. */
export interface Opinion {
  readonly status: 'secure' | 'insecure' | 'bogus';
  readonly rcode?: string;
}

/** Asks delv, which validates what named gives it. */
export async function askDelv(tree: Tree, name: string, type: string): Promise<Opinion> {
  const server = ['@127.0.0.1', '-p', String(tree.named.port), '-a', tree.bindAnchorFile];
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
  const rcode = /status: (\w+)/.exec(stdout)?.[1];
  const flags = /flags: ([\w ]*);/.exec(stdout)?.[1];
  if (rcode === undefined || flags === undefined) throw new Error(`No answer to ${name} ${type}:\n${stdout}`);
  if (rcode === 'SERVFAIL') return { status: 'bogus' };
  return { status: flags.split(' ').includes('ad') ? 'secure' : 'insecure', rcode };
}
