// The countersign command, as a user starts it (a process of its own, from what was built) or, many times faster,
// its main function in this process; and the shapes of what it prints.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { main } from '@countersign/cli';
import { z } from 'zod';
import { type Finished, runProgram } from './program.js';

const program = fileURLToPath(new URL('../../packages/cli/dist/bin.js', import.meta.url));

const Check = z.object({
  check: z.string(),
  outcome: z.enum(['pass', 'fail', 'warn', 'skip']),
  detail: z.string().min(1),
  reason: z.string().optional(),
});
export const Verdict = z.object({
  subject: z.string(),
  ok: z.boolean(),
  checks: z.array(Check),
  at: z.iso.datetime(),
});
export const Invocation = z.object({
  ok: z.boolean(),
  data: z.json(),
  signal: z.object({
    status: z.enum(['success', 'error', 'timeout', 'refused']),
    reason: z.string().optional(),
    verdict: Verdict,
  }),
});
export const DiscoveryReport = z.object({
  agents: z.array(
    z.looseObject({
      fqdn: z.string(),
      protocol: z.string(),
      target: z.string(),
      port: z.number(),
      dnssec: z.string(),
    }),
  ),
  errors: z.array(z.object({ fqdn: z.string(), reason: z.string(), detail: z.string() })),
});
export const Resolution = z.object({
  name: z.string(),
  type: z.string(),
  status: z.enum(['secure', 'insecure', 'bogus', 'indeterminate']),
  rcode: z.string(),
  answers: z.array(z.object({ name: z.string(), type: z.string(), ttl: z.number(), data: z.string() })),
  ede: z.number().nullable(),
  why: z.string().min(1),
});
export const Failure = z.object({ error: z.object({ code: z.string(), message: z.string().min(1) }) });

/** A way to run the command with its arguments. */
export type Runner = (args: readonly string[]) => Promise<Finished>;

/** Runs the command as a process. */
export const asProcess: Runner = (args) => {
  if (!existsSync(program)) throw new Error('The command is not built: run npm run build.');
  return runProgram(process.execPath, [program, ...args]);
};

/** Runs the command's main function with an empty environment. */
export const inProcess: Runner = async (args) => {
  const output = { stdout: '', stderr: '' };
  const writer = (name: keyof typeof output) => ({
    isTTY: false,
    write: (text: string) => {
      output[name] += text;
    },
  });
  const code = await main(args, {
    stdout: writer('stdout'),
    stderr: writer('stderr'),
    env: {},
    signal: new AbortController().signal,
  });
  return { code, ...output };
};

/** Runs the command with `--json`, in this process unless told otherwise, and reads its one document. */
export async function countersign<T>(
  schema: z.ZodType<T>,
  args: readonly string[],
  run: Runner = inProcess,
): Promise<{ readonly code: number | null; readonly json: T }> {
  const { code, stdout, stderr } = await run([...args, '--json']);
  const said = `countersign ${args.join(' ')} ended with ${code} and printed:\n${stdout}${stderr}`;
  const document = (): unknown => {
    try {
      return JSON.parse(stdout);
    } catch (cause) {
      throw new Error(`No JSON document. ${said}`, { cause });
    }
  };
  const read = schema.safeParse(document());
  if (!read.success) throw new Error(`${read.error.message}\n${said}`);
  return { code, json: read.data };
}
