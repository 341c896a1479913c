// A whole agent domain by servers that we did not write: BIND, Unbound, OpenSSL and nginx, in one folder that
// goes when they stop.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Certificate, type Endpoint, makeCertificate, startEndpoint } from './endpoint.js';
import type { NameServer } from './nameserver.js';
import { startTree, type Tree, type TreeKind } from './tree.js';

/** The servers of scripts/servers.mjs that a site needs. */
export const siteServers = ['named', 'dnssec-signzone', 'unbound', 'nginx', 'openssl'] as const;

export interface Site {
  readonly tree: Tree;
  readonly endpoint: Endpoint;
  /** The endpoint's, self-signed, pinned in the zones. */
  readonly certificate: Certificate;
  /** The flags that point the command at this site by one of its name servers. */
  flags(server: NameServer): readonly string[];
  stop(): Promise<void>;
}

/** @param elsewhere agents of `acme.example` that answer at other ports of this machine, by label */
export async function startSite(
  kind: TreeKind,
  elsewhere: Readonly<Record<string, number>> = {},
): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-site-'));
  const started: { stop(): Promise<void> }[] = [];
  const stop = async () => {
    await Promise.all(started.map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const hosts = ['acme', 'current', 'expired', 'plain'].map((zone) => `*.${zone}.example`);
    const [certificate, other] = await Promise.all([
      makeCertificate(folder, 'agent', hosts),
      makeCertificate(folder, 'other', hosts),
    ]);
    const endpoint = await startEndpoint(folder, certificate);
    started.push(endpoint);
    const { port } = endpoint;
    const tree = await startTree(folder, { kind, port, certificate, otherKeyHash: other.keyHash, elsewhere });
    started.push(tree);
    const flags = (server: NameServer) => [
      ...['--server', `127.0.0.1#${server.port}`, '--anchor', tree.anchorFile],
      ...['--allow-address', '127.0.0.0/8'],
    ];
    return { tree, endpoint, certificate, flags, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
