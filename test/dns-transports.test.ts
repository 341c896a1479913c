// Every transport of the dns package against Unbound as the server, with a certificate made by OpenSSL.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createExchange,
  DnsName,
  type DnsServer,
  type Exchange,
  formatRdata,
  parseServer,
  RrClass,
  RrType,
} from '@countersign/dns';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serverSuite } from './servers.js';
import { freePort, onFreePort } from './support/port.js';
import { type Daemon, mustRun, startDaemon } from './support/program.js';

const records = 'agent.example. 300 IN A 192.0.2.7';
const question = { name: DnsName.parse('agent.example'), type: RrType.A, class: RrClass.IN };

interface Unbound extends Daemon {
  readonly port: number;
  readonly tlsPort: number;
  readonly httpsPort: number;
}

function startUnbound(folder: string): Promise<Unbound> {
  return onFreePort(async (port) => {
    const [tlsPort, httpsPort] = [await freePort(), await freePort()];
    const config = join(folder, 'unbound.conf');
    await writeFile(
      config,
      [
        'server:',
        ...[port, tlsPort, httpsPort].map((at) => `  interface: 127.0.0.1@${at}`),
        `  tls-port: ${tlsPort}`,
        `  https-port: ${httpsPort}`,
        `  tls-service-key: "${join(folder, 'key.pem')}"`,
        `  tls-service-pem: "${join(folder, 'cert.pem')}"`,
        '  do-ip6: no',
        '  do-daemonize: no',
        '  username: ""',
        '  chroot: ""',
        `  directory: "${folder}"`,
        '  pidfile: ""',
        '  use-syslog: no',
        '  logfile: ""',
        '  num-threads: 1',
        '  module-config: "iterator"',
        '  local-zone: "example." static',
        `  local-data: "${records}"`,
        'remote-control:',
        '  control-enable: no',
        '',
      ].join('\n'),
    );
    const exchange = createExchange({ servers: [{ host: '127.0.0.1', port }], timeoutMs: 500 });
    const daemon = await startDaemon('unbound', ['-d', '-c', config], () => exchange(question), {
      cwd: folder,
    });
    exchange.close();
    return { port, tlsPort, httpsPort, ...daemon };
  });
}

serverSuite('the transports against Unbound', ['unbound', 'openssl'], () => {
  let folder = '';
  let unbound: Unbound;
  let ca: readonly string[] = [];
  let pin = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-transports-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    await mustRun('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', '/CN=dns.test', '-addext', 'subjectAltName=DNS:dns.test,IP:127.0.0.1'],
      ...['-keyout', key, '-out', cert],
    ]);
    ca = [await readFile(cert, 'utf8')];
    // The pin as an operator makes it (RFC 7858 appendix A), by OpenSSL.
    const spki = join(folder, 'spki.pem');
    await writeFile(spki, await mustRun('openssl', ['x509', '-in', cert, '-noout', '-pubkey']));
    await mustRun('openssl', [
      'pkey',
      '-pubin',
      '-in',
      spki,
      '-outform',
      'der',
      '-out',
      join(folder, 'spki.der'),
    ]);
    const digest = await mustRun('openssl', ['dgst', '-sha256', '-r', join(folder, 'spki.der')]);
    pin = Buffer.from(digest.slice(0, 64), 'hex').toString('base64');
    unbound = await startUnbound(folder);
  });

  afterAll(async () => {
    await unbound?.stop();
    if (folder !== '') await rm(folder, { recursive: true, force: true });
  });

  async function answers(exchange: Exchange): Promise<readonly string[]> {
    const many = await Promise.all(Array.from({ length: 20 }, () => exchange(question)));
    return many.flatMap((reply) => reply.answers.map(({ type, rdata }) => formatRdata(type, rdata)));
  }

  it.each<[string, (unbound: Unbound) => DnsServer]>([
    ['UDP', ({ port }) => parseServer(`127.0.0.1#${port}`)],
    ['TCP', ({ port }) => parseServer(`tcp://127.0.0.1:${port}`)],
    ['TLS with a pin', ({ tlsPort }) => parseServer(`tls://127.0.0.1:${tlsPort}?pin=sha256/${pin}`)],
    [
      'TLS with a name',
      ({ tlsPort }) => ({ protocol: 'tls', host: '127.0.0.1', port: tlsPort, name: 'dns.test', ca }),
    ],
    ['TLS with an address', ({ tlsPort }) => ({ protocol: 'tls', host: '127.0.0.1', port: tlsPort, ca })],
    [
      'HTTPS with a pin',
      ({ httpsPort }) => parseServer(`https://127.0.0.1:${httpsPort}/dns-query?pin=sha256/${pin}`),
    ],
  ])('twenty questions at once are answered over %s', async (_, serverOf) => {
    const exchange = createExchange({ servers: [serverOf(unbound)] });
    expect(await answers(exchange)).toEqual(Array.from({ length: 20 }, () => '192.0.2.7'));
    exchange.close();
  });

  it.each<[string, (unbound: Unbound) => DnsServer]>([
    [
      'another name',
      ({ tlsPort }) => ({ protocol: 'tls', host: '127.0.0.1', port: tlsPort, name: 'a.test', ca }),
    ],
    ['no root', ({ tlsPort }) => parseServer(`tls://127.0.0.1:${tlsPort}?name=dns.test`)],
    [
      'another pin',
      ({ tlsPort }) =>
        parseServer(`tls://127.0.0.1:${tlsPort}?pin=sha256/${Buffer.alloc(32).toString('base64')}`),
    ],
  ])('a server with %s is refused', async (_, serverOf) => {
    const exchange = createExchange({ servers: [serverOf(unbound)] });
    await expect(exchange(question)).rejects.toMatchObject({ code: 'ERR_DNS_UNAUTHENTICATED' });
    exchange.close();
  });
});
