import { mkdtemp } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { makeCertificate, startEndpoint } from './support/endpoint.js';
import { startTree } from './support/tree.js';
test.each(['nsec', 'nsec3'] as const)('%s', async (denial) => {
  const folder = await mkdtemp('/tmp/e2e-tree-');
  const t0 = Date.now();
  const certificate = await makeCertificate(folder, 'agent', ['chat-host.acme.example']);
  const other = await makeCertificate(folder, 'other', ['chat-host.acme.example']);
  const endpoint = await startEndpoint(folder, certificate);
  const tree = await startTree(folder, { denial, algorithms: denial === 'nsec' ? { root: 'ECDSAP256SHA256', tld: 'ECDSAP256SHA256', zone: 'ECDSAP256SHA256' } : { root: 'RSASHA256', tld: 'ED25519', zone: 'ECDSAP256SHA256' }, port: endpoint.port, certificate, otherKeyHash: other.keyHash });
  console.log(folder, Date.now() - t0, 'named', tree.named.port, 'unbound', tree.unbound.port, 'nginx', endpoint.port);
  await sleep(Number(process.env['HOLD'] ?? 0));
  await tree.stop(); await endpoint.stop();
}, 600_000);
