// The client of the verbs that talk to agents, and the names that they are given. It stands apart from the settings because it loads the protocol
// handlers, which a look-up does without: verbs import this file when they run.

import { AgentClient, parseAgentName, parseDomain } from '@countersign/agent';
import { type DiscoveryConfig, discoveryFlags } from '@countersign/agent/config';
import { UsageError } from './error.js';
import type { Host } from './host.js';
import type { AgentFlags } from './options.js';
import { buildResolver, clockOf, flaggedSection, loadSettings, readCertificates } from './settings.js';

/**
 * The client that the flags and the configuration ask for. Close it.
 *
 * @param defaults what counts where neither of them says anything; a profile among the flags says it all
 */
export async function createClientFor(
  flags: AgentFlags,
  host: Host,
  defaults: Partial<DiscoveryConfig> = {},
): Promise<AgentClient> {
  const settings = await loadSettings(flags, host);
  const fallback = flags.profile === undefined ? defaults : {};
  const section = { ...fallback, ...flaggedSection(settings.config.discovery, flags) };
  const caFiles = flags.ca ?? section.ca.map(settings.besideFile);
  const clock = clockOf(flags);
  return new AgentClient({
    ...discoveryFlags(section),
    resolver: await buildResolver(flags, host, settings),
    ca: await Promise.all(caFiles.map(readCertificates)),
    allowAddresses: flags.allowAddress ?? section.allow_addresses,
    timeoutMs: flags.timeout ?? section.timeout_ms,
    ...(clock === undefined ? {} : { clock }),
  });
}

/** @throws UsageError for what cannot be the name of an agent: nothing is asked about it */
export function assertAgentName(text: string): void {
  if (parseAgentName(text) !== undefined) return;
  throw new UsageError(
    `${JSON.stringify(text)} is no agent's name; write NAME.DOMAIN, for instance weather.acme.example`,
  );
}

/** @throws UsageError for what cannot be a domain */
export function assertDomain(text: string): void {
  if (parseDomain(text) !== undefined) return;
  throw new UsageError(`${JSON.stringify(text)} is no domain; write it like acme.example`);
}
