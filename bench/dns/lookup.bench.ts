// Look-ups over loopback, all with the same authority behind them: ours in this process, @relaycorp/dnssec with the
// leanest transport, and Unbound as a server of its own.

import { createResolver, type Resolver, RrType } from '@countersign/dns';
import { compare } from '../compare.js';
import type { Measure } from '../measure.js';
import { type Authority, startAuthority } from './support/authority.js';
import { loadRelaycorp } from './support/relaycorp.js';
import { secure } from './support/secure.js';
import { hostNames } from './support/tree.js';
import { createUdpClient } from './support/udp-client.js';
import { startUnbound } from './support/unbound.js';

const hostCount = 51;
const [first, ...hosts] = hostNames(hostCount);
if (first === undefined) throw new Error('A tree without hosts');
const host = first;

// One look-up a round: a peer that must forget everything in between cannot do more.
const cold = { clock: 'wall', rounds: 151, warmups: 40 } as const;

async function withAuthority<T>(body: (authority: Authority) => Promise<T>): Promise<T> {
  const authority = await startAuthority(hostCount);
  try {
    return await body(authority);
  } finally {
    authority.stop();
  }
}

function ourResolver({ port, anchors }: Authority): Resolver {
  return createResolver({ anchors, servers: [{ host: '127.0.0.1', port }] });
}

// `fresh` passes by everything that is kept: the answer, and every zone of the chain.
const coldSide = (authority: Authority) => {
  const resolver = ourResolver(authority);
  return { name: 'ours', operations: 1, run: () => secure(resolver, host, RrType.A, true) };
};

export const measures: readonly Measure[] = [
  {
    name: 'cold lookup, by @relaycorp/dnssec',
    better: 'lower',
    bar: 0.6,
    measure: () =>
      withAuthority(async (authority) => {
        const relaycorp = await loadRelaycorp(authority.anchors);
        const client = await createUdpClient(authority.port);
        const peer = {
          name: '@relaycorp/dnssec',
          operations: 1,
          run: () => relaycorp.lookUp(host, client.ask),
        };
        return compare(coldSide(authority), peer, cold).finally(client.close);
      }),
  },
  {
    name: 'cold lookup, by unbound',
    better: 'lower',
    bar: 0.75,
    measure: () =>
      withAuthority(async (authority) => {
        const unbound = await startUnbound(authority);
        const peer = {
          name: 'unbound',
          operations: 1,
          prepare: () => unbound.flush(),
          run: () => unbound.lookUp(host),
        };
        return compare(coldSide(authority), peer, cold).finally(() => unbound.stop());
      }),
  },
  {
    name: 'lookup, chain cached, by unbound',
    better: 'lower',
    bar: 1,
    measure: () =>
      withAuthority(async (authority) => {
        const unbound = await startUnbound(authority);
        let resolver: Resolver;
        const ours = {
          name: 'ours',
          operations: hosts.length,
          prepare: async () => {
            resolver = ourResolver(authority);
            await secure(resolver, host, RrType.A);
          },
          run: async () => {
            for (const name of hosts) await secure(resolver, name, RrType.A);
          },
        };
        const peer = {
          name: 'unbound',
          operations: hosts.length,
          prepare: async () => {
            await unbound.flush();
            await unbound.lookUp(host);
          },
          run: async () => {
            for (const name of hosts) await unbound.lookUp(name);
          },
        };
        return compare(ours, peer, { clock: 'wall' }).finally(() => unbound.stop());
      }),
  },
];
