// Finding agents by DNS: one by its name, or those that a domain's index lists.
// Problems are values beside the agents; only an abort rejects.

import type { Clock } from '@countersign/core';
import { parseTxt, RrType } from '@countersign/dns';
import { quotePeer } from '@countersign/tls';
import type { Discovery, DiscoveryProblem } from './discovery.js';
import { endpointText } from './endpoint.js';
import { type AgentName, lookupStages, parseAgentName, parseDomain } from './fqdn.js';
import { indexName, readIndex, readIndexPointer } from './index-record.js';
import { type LookupOptions, lookupSafely, lookupServices } from './lookup.js';
import type { AgentProtocol } from './protocol.js';
import { type AgentRecord, readAgentRecord } from './record.js';
import { readServiceSet } from './service-set.js';

export interface DiscoverOptions extends LookupOptions {
  readonly clock: Clock;
  /** Only agents of this protocol. */
  readonly protocol?: AgentProtocol;
}

/** Agents looked up at once. */
const maxConcurrent = 16;

/**
 * Finds one named agent. The flat name is asked first, then `NAME._agents.DOMAIN` and the older form, each only
 * when the one before holds no record at all.
 */
export async function findAgent(fqdn: string, options: DiscoverOptions): Promise<Discovery> {
  const asked = parseAgentName(fqdn);
  if (asked === undefined) return problem(fqdn, 'name_invalid', 'this is no agent name, wanted NAME.DOMAIN');
  // Who asks for one protocol also says what a record speaks that names none: a record that only the index told
  // the protocol of is read the same when it is looked up again.
  return findNamed(asked, options.protocol === undefined ? [] : [options.protocol], options);
}

/**
 * Finds the agents that a domain lists in its index. The order is that of the index.
 * Without an index nothing is guessed: the problem says `index_not_found`.
 */
export async function discoverDomain(text: string, options: DiscoverOptions): Promise<Discovery> {
  const domain = parseDomain(text);
  if (domain === undefined) return problem(text, 'name_invalid', 'this is no domain name');
  const owner = indexName(domain);
  const asked = await lookupSafely(owner, RrType.TXT, options);
  if (asked.kind === 'failed') return problem(owner, asked.reason, asked.detail);

  const errors: DiscoveryProblem[] = [];
  const strings = asked.lookup.answers
    .filter((record) => record.type === RrType.TXT)
    .flatMap((record) => {
      try {
        return [parseTxt(record.rdata)];
      } catch {
        errors.push({
          fqdn: owner,
          reason: 'record_malformed',
          detail: 'a TXT record of the index is malformed',
        });
        return [];
      }
    });
  const index = readIndex(strings);
  for (const detail of index.problems) errors.push({ fqdn: owner, reason: 'index_malformed', detail });
  if (!index.present) return { agents: [], errors: [...errors, await explainNoIndex(owner, options)] };

  const { protocol } = options;
  const wanted = index.entries.filter(
    ({ protocols }) => protocol === undefined || protocols.length === 0 || protocols.includes(protocol),
  );
  const found = await mapBounded(wanted, maxConcurrent, (entry) => {
    const name = parseAgentName(`${entry.name}.${domain}`);
    return name === undefined
      ? problem(`${entry.name}.${domain}`, 'name_invalid', 'the index names what is no agent name')
      : findNamed(name, entry.protocols, options);
  });
  const leftOut = index.entries.length - wanted.length;
  return {
    agents: found.flatMap(({ agents }) => agents),
    errors: [...errors, ...found.flatMap((each) => each.errors)],
    ...(leftOut === 0 ? {} : { leftOut }),
  };
}

/** @param listed the protocols that the index lists for this name, a hint where the record names none */
async function findNamed(
  asked: AgentName,
  listed: readonly AgentProtocol[],
  options: DiscoverOptions,
): Promise<Discovery> {
  for (const stage of lookupStages(asked, options.protocol)) {
    const found = await Promise.all(stage.map((name) => readOwner(name, listed, options)));
    const present = found.filter((each) => each !== undefined);
    if (present.length > 0) {
      return {
        agents: preferred(present.flatMap(({ agents }) => agents)),
        errors: present.flatMap(({ errors }) => errors),
      };
    }
  }
  return problem(asked.fqdn, 'record_not_found', `no SVCB record at ${asked.fqdn} or its other name forms`);
}

/** What stands at one owner name, or undefined when nothing does. */
async function readOwner(
  agent: AgentName,
  listed: readonly AgentProtocol[],
  options: DiscoverOptions,
): Promise<Discovery | undefined> {
  const found = await lookupServices(agent.fqdn, options);
  if (found.kind === 'absent') return undefined;
  if (found.kind === 'failed') return problem(agent.fqdn, found.reason, found.detail);

  const agents: AgentRecord[] = [];
  const errors: DiscoveryProblem[] = found.rejected.map((why) => ({
    fqdn: agent.fqdn,
    reason: 'record_malformed',
    detail: quotePeer(why),
  }));
  const [hint] = listed.length === 1 ? listed : [];
  for (const service of found.services) {
    const read = readAgentRecord(service, {
      agent,
      dnssec: found.dnssec,
      ttl: found.ttl,
      atMs: options.clock(),
      ...(hint === undefined ? {} : { hint }),
    });
    if (read.ok) agents.push(read.record);
    else errors.push(read.problem);
  }
  const { protocol } = options;
  const matching = agents.filter((record) => protocol === undefined || record.protocol === protocol);
  if (matching.length === 0 && errors.length === 0) {
    const seen = [...new Set(agents.map((record) => record.protocol))].join(', ');
    return problem(
      agent.fqdn,
      'record_not_found',
      `no record for ${protocol}, only for ${seen || 'nothing'}`,
    );
  }
  return { agents: matching, errors };
}

/** One record a protocol: the one of the lowest priority; among equals the order of names, so that it is stable. */
function preferred(records: readonly AgentRecord[]): readonly AgentRecord[] {
  const best = new Map<AgentProtocol, AgentRecord>();
  for (const record of [...records].sort(byPreference)) {
    if (!best.has(record.protocol)) best.set(record.protocol, record);
  }
  return [...best.values()];
}

function byPreference(a: AgentRecord, b: AgentRecord): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  if (a.target !== b.target) return a.target < b.target ? -1 : 1;
  return a.port - b.port;
}

async function explainNoIndex(owner: string, options: DiscoverOptions): Promise<DiscoveryProblem> {
  const asked = await lookupSafely(owner, RrType.SVCB, options);
  if (asked.kind === 'failed') return { fqdn: owner, reason: asked.reason, detail: asked.detail };
  const pointer = readIndexPointer(readServiceSet(asked.lookup.answers));
  if (pointer === undefined) {
    return { fqdn: owner, reason: 'index_not_found', detail: 'the domain publishes no index of its agents' };
  }
  return {
    fqdn: owner,
    reason: 'index_unsupported',
    detail: `the index is at ${endpointText(pointer)}; only TXT indexes are read`,
  };
}

function problem(fqdn: string, reason: string, detail: string): Discovery {
  return { agents: [], errors: [{ fqdn: quotePeer(fqdn, 253), reason, detail }] };
}

/** Maps in order with at most `limit` at once; the first rejection stops the rest from starting. */
async function mapBounded<In, Out>(
  items: readonly In[],
  limit: number,
  map: (item: In) => Out | Promise<Out>,
): Promise<readonly Out[]> {
  const results: Out[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [at, item] of queue) results[at] = await map(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
