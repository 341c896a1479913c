// A process that has asked ends by itself, and one that only imports starts soon. Both run the built package.

import { execFile } from 'node:child_process';
import { createSecureServer } from 'node:http2';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { selfSigned } from '@countersign/lab';
import { afterEach, describe, expect, it } from 'vitest';
import { replyTo, startServer } from './misbehaving.js';
import { pinOf } from './pin.js';
import { answering, startStreamServer } from './streams.js';

const run = promisify(execFile);
const built = new URL('../../dist/index.js', import.meta.url).href;
const credentials = selfSigned({ names: ['dns.test'] });

const closables: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(closables.splice(0).map((closable) => closable.close()));
});

/** Runs a module in a process of its own. */
async function runModule(text: string): Promise<string> {
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const args = ['--input-type=module', '--eval', text];
  return (await run(process.execPath, args, { cwd, timeout: 15_000, killSignal: 'SIGKILL' })).stdout;
}

/** A module that asks a server two questions. */
function asking(server: string): string {
  return `
    import { createExchange, DnsName, parseServer } from ${JSON.stringify(built)};
    const exchange = createExchange({ servers: [parseServer('${server}')], idleTimeoutMs: 3_600_000 });
    for (const name of ['a.example', 'b.example']) {
      const { answers } = await exchange({ name: DnsName.parse(name), type: 1, class: 1 });
      console.log(answers.length);
    }
  `;
}

describe('a process', () => {
  it.each(['tcp', 'tls'] as const)('ends by itself with an idle connection over %s', async (protocol) => {
    const server = await startStreamServer({
      ...answering,
      ...(protocol === 'tls' ? { tls: credentials } : {}),
    });
    closables.push(server);
    const pin = protocol === 'tls' ? `?pin=sha256/${pinOf(credentials.certificate)}` : '';
    const stdout = await runModule(asking(`${protocol}://127.0.0.1:${server.port}${pin}`));
    expect(stdout).toBe('1\n1\n');
    expect(server.connections).toHaveLength(1);
  });

  it('ends by itself, and soon, after it has asked over UDP', async () => {
    const server = await startServer({ udp: (query, send) => send(replyTo(query)) });
    closables.push(server);
    expect(await runModule(asking(`udp://127.0.0.1:${server.address.port}`))).toBe('1\n1\n');
  });

  it('ends by itself with an idle session over HTTPS', async () => {
    const server = createSecureServer(credentials, (request, response) => {
      request.on('data', (octets: Buffer) => {
        response.setHeader('content-type', 'application/dns-message');
        response.end(replyTo(octets));
      });
    });
    let sessions = 0;
    server.on('session', () => {
      sessions += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closables.push({ close: () => void server.close() });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const text = `https://127.0.0.1:${address.port}/dns-query?pin=sha256/${pinOf(credentials.certificate)}`;
    expect(await runModule(asking(text))).toBe('1\n1\n');
    expect(sessions).toBe(1);
  });

  it('loads no socket before it asks', async () => {
    const stdout = await runModule(`
      await import(${JSON.stringify(built)});
      console.log(process.moduleLoadList.filter((name) => /NativeModule (dgram|tls|_tls_wrap|http2|internal.http2.core)$/.test(name)).join());
    `);
    expect(stdout.trim()).toBe('');
  });
});
