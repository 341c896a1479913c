// An agent's HTTPS endpoint as an operator sets it up: a self-signed certificate by openssl, its TLSA data by
// openssl and sha256sum, nginx in front.

import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { onFreePort } from './port.js';
import { type Daemon, mustRun, startDaemon } from './program.js';

export interface Certificate {
  /** PEM files. */
  readonly path: string;
  readonly keyPath: string;
  /** SHA-256 of the public key, for `3 1 1`, and of the whole certificate, for `3 0 1`; hexadecimal. */
  readonly keyHash: string;
  readonly hash: string;
}

/** Makes a self-signed P-256 certificate for these host names. */
export async function makeCertificate(
  folder: string,
  name: string,
  hosts: readonly string[],
): Promise<Certificate> {
  const path = join(folder, `${name}.pem`);
  const keyPath = join(folder, `${name}.key`);
  await mustRun('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'],
    ...['-keyout', keyPath, '-out', path, '-subj', `/CN=${hosts[0]}`],
    ...['-addext', `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(',')}`],
  ]);
  const pipe = async (command: string) =>
    (await mustRun('/bin/sh', ['-c', `${command} | sha256sum`, 'sh', path])).slice(0, 64);
  return {
    path,
    keyPath,
    keyHash: await pipe('openssl x509 -in "$1" -noout -pubkey | openssl pkey -pubin -outform DER'),
    hash: await pipe('openssl x509 -in "$1" -outform DER'),
  };
}

export interface Endpoint extends Daemon {
  readonly port: number;
  /** The requests that reached it so far, `HOST METHOD PATH` each. */
  requests(): Promise<readonly string[]>;
}

/** Starts nginx with this certificate; it answers every request with JSON that tells what it saw. */
export function startEndpoint(folder: string, certificate: Certificate): Promise<Endpoint> {
  return onFreePort(async (port) => {
    const config = join(folder, 'nginx.conf');
    const accessLog = join(folder, 'access.log');
    await writeFile(
      config,
      [
        'daemon off; worker_processes 1; master_process off;',
        `pid ${join(folder, 'nginx.pid')}; error_log stderr warn;`,
        'events { worker_connections 64; }',
        'http {',
        ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
          (kind) => `  ${kind}_temp_path ${join(folder, kind)};`,
        ),
        `  log_format seen '$host $request_method $uri'; access_log ${accessLog} seen;`,
        '  server {',
        `    listen 127.0.0.1:${port} ssl; server_name _;`,
        `    ssl_certificate ${certificate.path}; ssl_certificate_key ${certificate.keyPath};`,
        '    ssl_protocols TLSv1.2 TLSv1.3;',
        '    default_type application/json;',
        `    location / { return 200 '{"method":"$request_method","path":"$uri"}'; }`,
        '  }',
        '}',
        '',
      ].join('\n'),
    );
    const daemon = await startDaemon(
      'nginx',
      ['-p', folder, '-c', config, '-e', 'stderr'],
      () => dials(port),
      {
        cwd: folder,
      },
    );
    const requests = async () =>
      (await readFile(accessLog, 'utf8')).split('\n').filter((line) => line !== '');
    return { port, requests, ...daemon };
  });
}

/** Resolves when the port takes a connection. */
function dials(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}
