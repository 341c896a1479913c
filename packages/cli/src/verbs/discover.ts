// `countersign discover DOMAIN`: the agents that a domain publishes.

import type { AgentRecord, Discovery } from '@countersign/agent';
import type { Command } from 'commander';
import { adviceFor } from '../advice.js';
import { toJson } from '../json.js';
import { type AgentFlags, addAgentOptions, addProtocolOption, type ProtocolFlag } from '../options.js';
import { hang, printable, type Style } from '../output.js';
import type { Session } from '../session.js';

interface Flags extends AgentFlags, ProtocolFlag {
  readonly name?: string;
}

export function addDiscover(program: Command, session: Session): void {
  const command = program
    .command('discover')
    .description('list the agents of a domain')
    .argument('<domain>', 'for instance acme.example')
    .option('--name <name>', 'only the agent of this name');
  addAgentOptions(addProtocolOption(command)).action((domain: string, _: unknown, self: Command) =>
    session.run(async () => {
      const { assertAgentName, assertDomain, createClientFor } = await import('../client.js');
      const flags = self.optsWithGlobals<Flags>();
      assertDomain(domain);
      if (flags.name !== undefined) assertAgentName(`${flags.name}.${domain}`);
      const client = await createClientFor(flags, session.host);
      try {
        const discovery = await client.discover(domain, {
          signal: session.host.signal,
          ...(flags.name === undefined ? {} : { name: flags.name }),
          ...(flags.protocol === undefined ? {} : { protocol: flags.protocol }),
        });
        return {
          holds: discovery.agents.length > 0,
          json: toJson(discovery),
          lines: (style) => discoveryLines(discovery, style),
        };
      } finally {
        await client.close();
      }
    }),
  );
}

/** An agent's record in two lines. */
function agentLines(agent: AgentRecord, style: Style): readonly string[] {
  const status = agent.dnssec === 'secure' ? style.good(agent.dnssec) : style.warn(agent.dnssec);
  return [
    `${style.bold(printable(agent.fqdn))}  ${agent.protocol}`,
    `  ${printable(agent.target)}:${agent.port}, DNSSEC ${status}, ttl ${agent.ttl} s`,
  ];
}

function discoveryLines(discovery: Discovery, style: Style): readonly string[] {
  const problems = discovery.errors.flatMap(({ fqdn, reason, detail }) => {
    const advice = adviceFor(reason);
    return [
      `${style.marks.warn} ${style.bold(printable(fqdn))}  ${printable(reason)}`,
      ...hang('  ', 2, printable(detail), style),
      ...(advice === undefined ? [] : hang('  ', 2, advice, style)),
    ];
  });
  const found = discovery.agents.flatMap((agent) => agentLines(agent, style));
  const { leftOut = 0 } = discovery;
  return [
    ...found,
    ...(found.length > 0 && problems.length > 0 ? [''] : []),
    ...problems,
    ...(found.length === 0 ? [style.bad('No agent found.')] : []),
    ...(leftOut === 0 ? [] : [`Left out by --protocol: ${leftOut} of the agents that the domain lists.`]),
  ];
}
