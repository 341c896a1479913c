// Certificates made at test time by the openssl command, with any names and dates.

import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tlsa } from '@countersign/dns';

export interface Identity {
  readonly key: string;
  readonly cert: string;
  readonly der: Uint8Array;
}

export interface Wish {
  /** subjectAltName as openssl writes it; empty for none. */
  readonly san: string;
  readonly commonName?: string;
  readonly from?: string;
  readonly to?: string;
  readonly issuer?: Identity;
  readonly authority?: boolean;
  readonly rsa?: boolean;
}

const settings = `
[ca]
default_ca = it
[it]
dir = .
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
[any]
commonName = optional
[req]
distinguished_name = any_name
[any_name]
`;

/** Makes a key pair and its certificate: self-signed unless there is an issuer; valid 2020-2049 unless told. */
export function makeIdentity(wish: Wish): Identity {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-tls-'));
  const run = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
  const save = (name: string, text: string) => writeFileSync(join(dir, name), text);
  try {
    save('index.txt', '');
    save('openssl.cnf', settings);
    const usage = wish.authority
      ? ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign']
      : ['basicConstraints=CA:FALSE', 'extendedKeyUsage=serverAuth'];
    save('extensions.cnf', [...usage, ...(wish.san === '' ? [] : [`subjectAltName=${wish.san}`])].join('\n'));
    const algorithm = wish.rsa ? ['RSA', 'rsa_keygen_bits:2048'] : ['EC', 'ec_paramgen_curve:P-256'];
    run('genpkey', '-algorithm', algorithm[0] ?? '', '-pkeyopt', algorithm[1] ?? '', '-out', 'key.pem');
    const subject = `/CN=${wish.commonName ?? 'test'}`;
    run('req', '-new', '-config', 'openssl.cnf', '-key', 'key.pem', '-subj', subject, '-out', 'request.pem');
    if (wish.issuer !== undefined) {
      save('issuer.pem', wish.issuer.cert);
      save('issuer.key', wish.issuer.key);
    }
    const signer =
      wish.issuer === undefined
        ? ['-selfsign', '-keyfile', 'key.pem']
        : ['-cert', 'issuer.pem', '-keyfile', 'issuer.key'];
    const dates = ['-startdate', wish.from ?? '20200101000000Z', '-enddate', wish.to ?? '20490101000000Z'];
    const files = ['-in', 'request.pem', '-out', 'cert.pem', '-extfile', 'extensions.cnf'];
    run('ca', '-batch', '-notext', '-config', 'openssl.cnf', ...signer, ...dates, ...files);
    const cert = readFileSync(join(dir, 'cert.pem'), 'utf8');
    return { key: readFileSync(join(dir, 'key.pem'), 'utf8'), cert, der: new X509Certificate(cert).raw };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The SubjectPublicKeyInfo by OpenSSL's own encoder, independent of the code under test. */
export function publicKeyOf({ der }: Identity): Uint8Array {
  return new X509Certificate(der).publicKey.export({ type: 'spki', format: 'der' });
}

/** A TLSA record for the certificate: usage 3 unless told. */
export function tlsaOf(identity: Identity, selector = 1, matchingType = 1, usage = 3): Tlsa {
  const octets = selector === 0 ? identity.der : publicKeyOf(identity);
  const digest = (name: string) => createHash(name).update(octets).digest();
  const data = matchingType === 0 ? octets : digest(matchingType === 1 ? 'sha256' : 'sha512');
  return { usage, selector, matchingType, data };
}
