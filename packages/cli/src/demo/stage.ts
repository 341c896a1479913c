// Where the demo plays: the lab, a clock that can be put forward, and clients that know only what a stranger
// would know of it: a DNS server, the trust anchor, the private CA.

import { AgentClient } from '@countersign/agent';
import { createResolver, parseAnchors } from '@countersign/dns';
import { type Lab, startLab } from '@countersign/lab';

/** How old a record may grow before a client looks again, seconds. */
export const freshnessSeconds = 300;

export interface Stage {
  readonly lab: Lab;
  /** The client of the whole story. */
  readonly client: AgentClient;
  /** A client that has seen nothing yet. */
  newcomer(): AgentClient;
  /** Lets time pass for the clients and the lab. */
  passTime(seconds: number): void;
  close(): Promise<void>;
}

/** Starts the lab on free loopback ports. */
export async function openStage(): Promise<Stage> {
  let passedMs = 0;
  const clock = (): number => Date.now() + passedMs;
  const lab = await startLab({ clock });
  const clients: AgentClient[] = [];
  const newcomer = (): AgentClient => {
    const client = new AgentClient({
      resolver: createResolver({ servers: [lab.dns], anchors: parseAnchors(lab.anchors), clock }),
      ca: [lab.ca],
      allowAddresses: ['127.0.0.0/8'],
      preferDane: true,
      verifyFreshnessSeconds: freshnessSeconds,
      timeoutMs: 5000,
      clock,
    });
    clients.push(client);
    return client;
  };
  return {
    lab,
    client: newcomer(),
    newcomer,
    passTime: (seconds) => {
      passedMs += seconds * 1000;
    },
    close: async () => {
      await Promise.all(clients.map((client) => client.close()));
      await lab.close();
    },
  };
}
