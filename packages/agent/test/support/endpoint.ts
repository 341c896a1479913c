// A TLS endpoint on loopback for one agent, and the client that finds it by set DNS answers.

import { encodeTlsa } from '@countersign/dns';
import {
  type AgentServer,
  type Credentials,
  createIdentity,
  type RequestHandler,
  selfSigned,
  startAgentServer,
  tlsaOf,
} from '@countersign/lab';
import { AgentClient, type AgentClientOptions } from '../../src/client.js';
import { A, type FakeResolver, fakeResolver, SVCB, TLSA } from './resolver.js';

export const agentName = 'weather.acme.example';
export const agentTarget = 'edge.acme.example';

/** Made once: keys cost time. */
export const honest: Credentials = selfSigned({ names: [agentTarget] });
export const impostor: Credentials = selfSigned({ names: [agentTarget] });

export interface Endpoint {
  readonly resolver: FakeResolver;
  readonly port: number;
  /** Puts another certificate at the same address and port. */
  present(credentials: Credentials): void;
  /** Application requests that reached it. */
  readonly requests: number;
  client(options?: Partial<AgentClientOptions>): AgentClient;
  close(): Promise<void>;
}

/** The agent's SVCB record, as far as it is not set otherwise. */
export function svcb(port: number, protocol: string): string {
  return `1 ${agentTarget}. mandatory=alpn,port alpn=${protocol} port=${port} bap=${protocol}`;
}

export async function startEndpoint(protocol: string, handle: RequestHandler): Promise<Endpoint> {
  let requests = 0;
  const counted: RequestHandler = async (request, response) => {
    requests += 1;
    await handle(request, response);
  };
  const server: AgentServer = await startAgentServer(createIdentity(honest, counted));
  const resolver = fakeResolver();
  resolver.set(agentName, SVCB, [svcb(server.port, protocol)]);
  resolver.set(agentTarget, A, ['127.0.0.1']);
  resolver.set(`_${server.port}._tcp.${agentTarget}`, TLSA, { rdata: [tlsaOf(honest.certificate)] });
  const clients: AgentClient[] = [];
  return {
    resolver,
    port: server.port,
    present: (credentials) => server.serve(createIdentity(credentials, counted)),
    get requests() {
      return requests;
    },
    client(options = {}) {
      const client = new AgentClient({
        resolver,
        preferDane: true,
        allowAddresses: ['127.0.0.0/8'],
        timeoutMs: 5000,
        ...options,
      });
      clients.push(client);
      return client;
    },
    async close() {
      await Promise.all(clients.map((client) => client.close()));
      await server.close();
    },
  };
}

export const wrongTlsa = encodeTlsa({
  usage: 3,
  selector: 1,
  matchingType: 1,
  data: new Uint8Array(32).fill(7),
});
