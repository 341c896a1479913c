import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:tls';
import { parseTlsa } from '@countersign/dns';
import { describe, expect, it } from 'vitest';
import { type Credentials, createAuthority, selfSigned, tlsaOf } from '../src/authority.js';

/** What node's TLS client says about a server with these credentials: undefined, or the error's code. */
async function handshake(
  credentials: Credentials,
  ca: string,
  servername: string,
): Promise<string | undefined> {
  const server = createServer({ cert: credentials.cert, key: credentials.key });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  const socket = connect({ port: address.port, host: '127.0.0.1', ca, servername });
  try {
    await once(socket, 'secureConnect');
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  } finally {
    socket.destroy();
    server.close();
  }
}

describe('createAuthority', () => {
  const authority = createAuthority();
  const names = ['edge.example', 'other.example'] as const;
  const credentials = authority.issue({ names: [...names] });

  it.each(names)('issues a certificate that holds for the name %s', async (name) => {
    expect(await handshake(credentials, authority.certificate, name)).toBeUndefined();
  });

  it('issues a certificate that does not hold for another name', async () => {
    expect(await handshake(credentials, authority.certificate, 'wrong.example')).toBe(
      'ERR_TLS_CERT_ALTNAME_INVALID',
    );
  });

  it('issues nothing that another authority vouches for', async () => {
    const other = createAuthority();
    expect(await handshake(credentials, other.certificate, names[0])).toBe('SELF_SIGNED_CERT_IN_CHAIN');
  });

  it('issues certificates of any dates', async () => {
    const yesterday = Date.now() - 86_400_000;
    const expired = authority.issue({
      names: ['edge.example'],
      notBefore: yesterday - 1000,
      notAfter: yesterday,
    });
    expect(await handshake(expired, authority.certificate, 'edge.example')).toBe('CERT_HAS_EXPIRED');
  });

  it('dates what it issues by the clock that it was given', () => {
    const clock = () => Date.UTC(2040, 0, 1);
    const { certificate } = createAuthority({ clock }).issue({ names: ['edge.example'] });
    const { validFrom, validTo } = new X509Certificate(certificate);
    expect(Date.parse(validFrom)).toBe(clock() - 3_600_000);
    expect(Date.parse(validTo)).toBe(clock() + 90 * 86_400_000);
  });

  it('gives every certificate a positive serial number of its own', () => {
    const serials = Array.from({ length: 20 }, () => {
      const { serialNumber } = new X509Certificate(authority.issue({ names: ['edge.example'] }).certificate);
      expect(Number.parseInt(serialNumber.slice(0, 2), 16)).toBeLessThan(0x80);
      return serialNumber;
    });
    expect(new Set(serials).size).toBe(20);
  });
});

describe('selfSigned', () => {
  it('makes a certificate that is its own anchor', async () => {
    const credentials = selfSigned({ names: ['edge.example'] });
    expect(await handshake(credentials, credentials.cert, 'edge.example')).toBeUndefined();
  });

  it('makes a certificate that no authority vouches for', async () => {
    const credentials = selfSigned({ names: ['edge.example'] });
    expect(await handshake(credentials, createAuthority().certificate, 'edge.example')).toBe(
      'DEPTH_ZERO_SELF_SIGNED_CERT',
    );
  });
});

describe('tlsaOf', () => {
  it('is 3 1 1 with the SHA-256 of the public key', () => {
    const { certificate } = selfSigned({ names: ['edge.example'] });
    const { usage, selector, matchingType, data } = parseTlsa(tlsaOf(certificate));
    const spki = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
    expect([usage, selector, matchingType]).toEqual([3, 1, 1]);
    expect(Buffer.from(data).toString('hex')).toBe(createHash('sha256').update(spki).digest('hex'));
  });
});
