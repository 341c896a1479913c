// `countersign verify AGENT-FQDN`: the trust report of one agent, on a connection of its own.

import type { Command } from 'commander';
import { toJson } from '../json.js';
import { type AgentFlags, addAgentOptions } from '../options.js';
import type { Session } from '../session.js';
import { verdictLines } from '../verdict-view.js';

export function addVerify(program: Command, session: Session): void {
  addAgentOptions(
    program
      .command('verify')
      .summary('prove who an agent is: record, DNSSEC, address, TLS, DANE')
      .description(
        'prove who an agent is: record, DNSSEC, address, TLS, DANE. TLSA records are looked at where they stand, as ' +
          'with --prefer-dane; --profile permissive and --no-prefer-dane leave them aside. (invoke looks at them only ' +
          'when it is told to.)',
      )
      .argument('<agent>', 'for instance weather.acme.example'),
  ).action((agent: string, _: unknown, command: Command) =>
    session.run(async () => {
      const { assertAgentName, createClientFor } = await import('../client.js');
      assertAgentName(agent);
      const flags = command.optsWithGlobals<AgentFlags>();
      // A report that is to be whole looks at TLSA records too, unless it is told not to.
      const client = await createClientFor(flags, session.host, { prefer_dane: true });
      try {
        const verdict = await client.verify(agent, { signal: session.host.signal });
        return {
          holds: verdict.ok,
          json: toJson(verdict),
          lines: (style) => verdictLines(verdict, style),
        };
      } finally {
        await client.close();
      }
    }),
  );
}
