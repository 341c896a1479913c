// What discovery gives back: the agents that were found, and beside them what was wrong with the others.

import type { AgentRecord } from './record.js';

/** Why one name or one record gave no agent. */
export interface DiscoveryProblem {
  /** The name that was asked, without its final dot. */
  readonly fqdn: string;
  /** The stable reason code, for instance `mandatory_unsupported`. */
  readonly reason: string;
  readonly detail: string;
}

/** The outcome of a discovery. One broken record never hides the others. */
export interface Discovery {
  readonly agents: readonly AgentRecord[];
  readonly errors: readonly DiscoveryProblem[];
  /** How many agents the index lists for other protocols than the one that was asked for; absent when none. */
  readonly leftOut?: number;
}
