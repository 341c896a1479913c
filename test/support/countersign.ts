// The countersign command as a user starts it: a process of its own, from what was built.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
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

/** Runs the command with a clean environment for its own settings. */
export function countersign(args: readonly string[]): Promise<Finished> {
  if (!existsSync(program)) throw new Error('The command is not built: run npm run build.');
  return runProgram(process.execPath, [program, ...args], { timeoutMs: 20_000 });
}

/** Runs the command with `--json` and reads its one document. */
export async function countersignJson<T>(
  schema: z.ZodType<T>,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly json: T; readonly stderr: string }> {
  const { code, stdout, stderr } = await countersign([...args, '--json']);
  const document = (): unknown => {
    try {
      return JSON.parse(stdout);
    } catch (cause) {
      throw new Error(`countersign ${args.join(' ')} printed no JSON document:\n${stdout}${stderr}`, {
        cause,
      });
    }
  };
  const read = schema.safeParse(document());
  if (!read.success)
    throw new Error(`countersign ${args.join(' ')}: ${read.error.message}\n${stdout}${stderr}`);
  return { code, json: read.data, stderr };
}
