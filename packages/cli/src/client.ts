// The client of the verbs that talk to agents. It stands apart from the settings because it loads the protocol
// handlers, which a look-up does without: verbs import this file when they run.

import { AgentClient } from '@countersign/agent';
import { type DiscoveryConfig, discoveryFlags } from '@countersign/agent/config';
import type { Host } from './host.js';
import type { AgentFlags } from './options.js';
import { buildResolver, clockOf, flaggedSection, loadSettings, readCertificates } from './settings.js';

/**
 * The client that the flags and the configuration ask for. Close it.
 *
 * @param defaults what counts where neither of them says anything
 */
export async function createClientFor(
  flags: AgentFlags,
  host: Host,
  defaults: Partial<DiscoveryConfig> = {},
): Promise<AgentClient> {
  const settings = await loadSettings(flags, host);
  const section = { ...defaults, ...flaggedSection(settings.config.discovery, flags) };
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
