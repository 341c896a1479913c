// The index of a domain's agents: `_index._agents.DOMAIN` TXT "agents=name:proto,name:proto,…", a convention
// of the DNS-AID reference implementation, and the SVCB record at the same name that points to an HTTPS index.

import { endpointProblem, hostText } from './endpoint.js';
import { isHostLabel } from './fqdn.js';
import { type AgentProtocol, parseAgentProtocol } from './protocol.js';
import type { ServiceSet } from './service-set.js';

/** One agent that the index names. */
export interface IndexEntry {
  readonly name: string;
  /** The protocols listed for it; empty when none of them is known here. The agent's own record decides. */
  readonly protocols: readonly AgentProtocol[];
}

export interface AgentIndex {
  /** True when a record of the index's form was there, even an empty one. */
  readonly present: boolean;
  readonly entries: readonly IndexEntry[];
  /** What was wrong with single entries; at most 20 are told. */
  readonly problems: readonly string[];
}

/** Where an HTTPS index is said to be. */
export interface IndexPointer {
  readonly target: string;
  readonly port: number;
}

const prefix = 'agents=';
const maxAgents = 10_000;
const maxProblems = 20;

/** The owner name of a domain's index. */
export function indexName(domain: string): string {
  return `_index._agents.${domain}`;
}

/**
 * Reads the index from the character-strings of its TXT records. A value over 255 octets continues in the
 * next string of the same record; records of another form are not the index's and are passed over.
 */
export function readIndex(records: readonly (readonly Uint8Array[])[]): AgentIndex {
  const protocols = new Map<string, Set<AgentProtocol>>();
  const problems: string[] = [];
  const values = records.flatMap(indexValues);
  for (const entry of values.flatMap((value) => value.slice(prefix.length).split(','))) {
    const [name = '', protocol = '', ...more] = entry.split(':').map((part) => part.trim().toLowerCase());
    if (name === '' && protocol === '') continue;
    if (more.length > 0 || !isHostLabel(name) || !/^[a-z][a-z0-9]{0,31}$/.test(protocol)) {
      if (problems.length < maxProblems)
        problems.push(`an entry of ${entry.length} characters is not NAME:PROTOCOL`);
      continue;
    }
    const known = protocols.get(name) ?? new Set();
    if (!protocols.has(name) && protocols.size >= maxAgents) {
      problems.push(`only the first ${maxAgents} agents are read`);
      break;
    }
    protocols.set(name, known);
    const parsed = parseAgentProtocol(protocol);
    if (parsed !== undefined) known.add(parsed);
  }
  const entries = [...protocols].map(([name, known]) => ({ name, protocols: [...known] }));
  return { present: values.length > 0, entries, problems };
}

/** The HTTPS index that an SVCB set at the index's name points to, when it names a host that may be dialled. */
export function readIndexPointer(set: ServiceSet): IndexPointer | undefined {
  if (set.kind !== 'services') return undefined;
  const [first] = [...set.services].sort((a, b) => a.priority - b.priority);
  if (first === undefined) return undefined;
  const target = hostText(first.target);
  const port = first.params.port ?? 443;
  return endpointProblem(target, port) === undefined ? { target, port } : undefined;
}

/** Each string that begins with the prefix begins a value; the strings after it continue it. */
function indexValues(strings: readonly Uint8Array[]): readonly string[] {
  const values: string[] = [];
  for (const octets of strings) {
    const string = Buffer.from(octets).toString('latin1');
    const last = values.length - 1;
    if (string.startsWith(prefix)) values.push(string);
    else if (last >= 0) values[last] += string;
  }
  return values;
}
