// `countersign invoke AGENT-FQDN`: one verified call. A refusal is an answer, not an error.

import type { InvocationResult } from '@countersign/agent';
import { firstFailure, type JsonObject } from '@countersign/core';
import { type Command, InvalidArgumentError } from 'commander';
import { isJsonObject, toJson } from '../json.js';
import { type AgentFlags, addAgentOptions } from '../options.js';
import { hang, jsonLines, printable, type Style } from '../output.js';
import type { Session } from '../session.js';
import { checkLines, outcomeLines } from '../verdict-view.js';

interface Flags extends AgentFlags {
  readonly method: string;
  readonly args?: JsonObject;
  readonly path?: string;
}

export function addInvoke(program: Command, session: Session): void {
  addAgentOptions(
    program
      .command('invoke')
      .description('call an agent that has proven who it is')
      .argument('<agent>', 'for instance weather.acme.example')
      .requiredOption('--method <name>', 'a tool or method; for mcp also tools/list', readMethod)
      .option('--args <json>', 'its arguments, a JSON object', readArgs)
      .option('--path <path>', 'where the agent answers on its host (default: /)', readPath),
  ).action((agent: string, _: unknown, command: Command) =>
    session.run(async () => {
      const { assertAgentName, createClientFor } = await import('../client.js');
      assertAgentName(agent);
      const flags = command.optsWithGlobals<Flags>();
      const client = await createClientFor(flags, session.host);
      try {
        const call = {
          method: flags.method,
          ...(flags.args === undefined ? {} : { args: flags.args }),
          ...(flags.path === undefined ? {} : { path: flags.path }),
        };
        const result = await client.invoke(agent, call, { signal: session.host.signal });
        return {
          holds: result.ok,
          json: toJson(result),
          lines: (style) => resultLines(result, style),
        };
      } finally {
        await client.close();
      }
    }),
  );
}

function readMethod(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It is empty.');
  return text;
}

function readPath(text: string): string {
  if (!text.startsWith('/')) throw new InvalidArgumentError('Write a path that begins with "/".');
  return text;
}

function readArgs(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new InvalidArgumentError('It is not JSON.');
    throw error;
  }
  if (!isJsonObject(value))
    throw new InvalidArgumentError('Write a JSON object, for instance {"city":"Oslo"}.');
  return value;
}

function resultLines({ ok, data, signal }: InvocationResult, style: Style): readonly string[] {
  if (ok) return jsonLines(data);
  const reason = signal.reason ?? signal.status;
  return [
    style.bold(printable(signal.agent)),
    ...checkLines(signal.verdict.checks, style),
    '',
    ...sayWhy({ data, signal }, style),
    ...outcomeLines(signal.status === 'refused' ? 'Refused' : 'Failed', reason, style),
  ];
}

/** What went wrong, once: a failed check has said it already, and the agent's own words stand for our report of them. */
function sayWhy(
  { data, signal }: Pick<InvocationResult, 'data' | 'signal'>,
  style: Style,
): readonly string[] {
  if (firstFailure(signal.verdict) !== undefined) return [];
  if (data === null) return hang('', 0, printable(signal.detail), style);
  return typeof data === 'string' ? hang('', 0, printable(data), style) : jsonLines(data);
}
