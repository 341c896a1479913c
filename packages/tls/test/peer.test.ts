// The connector against real TLS servers on loopback: who is let through, who is refused and for which reason, and
// that a refused server has not been sent one octet.

import { X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Ede } from '@countersign/dns';
import { afterAll, describe, expect, test } from 'vitest';
import { PeerRefusedError } from '../src/error.js';
import { connectPeer, type VerifiedPeer } from '../src/peer.js';
import type { PeerOptions } from '../src/policy.js';
import { makeIdentity, tlsaOf } from './support/certificates.js';
import { type Answers, fakeResolver, loopback, tlsaAnswer } from './support/resolver.js';
import { startTlsServer, type TestServer } from './support/server.js';

const authority = makeIdentity({ san: '', commonName: 'Private CA', authority: true });
const ca = [authority.cert];
const issued = makeIdentity({ san: 'DNS:a.example,IP:127.0.0.1', issuer: authority });
const selfSigned = makeIdentity({ san: 'DNS:a.example' });
const impostor = makeIdentity({ san: 'DNS:a.example' });
const misnamed = makeIdentity({ san: 'DNS:b.example' });
const misnamedIssued = makeIdentity({ san: 'DNS:b.example', issuer: authority });
const past = { from: '20200101000000Z', to: '20210101000000Z' };
const expired = makeIdentity({ san: 'DNS:a.example', ...past });
const expiredIssued = makeIdentity({ san: 'DNS:a.example', issuer: authority, ...past });
const future = { from: '20480101000000Z', to: '20490101000000Z' };
const futureIssued = makeIdentity({ san: 'DNS:a.example', issuer: authority, ...future });

const servers: TestServer[] = [];
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
});

async function serve(...args: Parameters<typeof startTlsServer>): Promise<TestServer> {
  const server = await startTlsServer(...args);
  servers.push(server);
  return server;
}

type Options = Partial<PeerOptions> & { readonly answers?: Answers; readonly host?: string };

function connect(server: TestServer, { answers = {}, host = 'a.example', ...options }: Options = {}) {
  const resolver = fakeResolver({ 'a.example A': loopback, ...answers });
  const allowAddresses = ['127.0.0.0/8'];
  return connectPeer(
    { host, port: server.port },
    { resolver, allowAddresses, ca, timeoutMs: 5000, ...options },
  );
}

const outcomes = ({ verdict }: { verdict: VerifiedPeer['verdict'] }) =>
  Object.fromEntries(verdict.checks.map(({ check, outcome }) => [check, outcome]));

/** Expects a pass, speaks HTTP over it to prove that the socket works, and returns the outcome of each check. */
async function expectPass(connecting: Promise<VerifiedPeer>) {
  const peer = await connecting;
  try {
    expect(peer.verdict.ok).toBe(true);
    peer.socket.write('GET / HTTP/1.1\r\n\r\n');
    const reply = await new Promise((resolve) => peer.socket.once('data', resolve));
    expect(String(reply)).toContain('hello');
    return outcomes(peer);
  } finally {
    peer.socket.destroy();
  }
}

async function refusalOf(connecting: Promise<VerifiedPeer>): Promise<PeerRefusedError> {
  const error = await connecting.then(
    (peer) => {
      peer.socket.destroy();
      return new Error('it was let through');
    },
    (reason: unknown) => reason,
  );
  if (!(error instanceof PeerRefusedError)) throw error;
  expect(error.verdict.ok).toBe(false);
  return error;
}

/** Expects a refusal, and that the server saw none of the application and has lost the connection. */
async function expectRefusal(server: TestServer, reason: string, connecting: Promise<VerifiedPeer>) {
  const error = await refusalOf(connecting);
  expect(error.reason).toBe(reason);
  for (let wait = 0; wait < 100 && server.open() > 0; wait++) await sleep(10);
  expect(server.open()).toBe(0);
  expect(server.received()).toBe('');
  return error;
}

const tlsa = (server: TestServer, ...answer: Parameters<typeof tlsaAnswer>): Answers => ({
  [`_${server.port}._tcp.a.example TLSA`]: tlsaAnswer(...answer),
});

describe('WebPKI alone', () => {
  test('lets a certificate under a given authority through, and refuses the same one without it', async () => {
    const server = await serve(issued);
    const checks = await expectPass(connect(server));
    expect(checks).toEqual({
      address: 'pass',
      tls: 'pass',
      path: 'pass',
      expiry: 'pass',
      hostname: 'pass',
      dane: 'skip',
    });
    const fresh = await serve(issued);
    await expectRefusal(fresh, 'certificate_untrusted', connect(fresh, { ca: [] }));
  });

  test('refuses a self-signed certificate', async () => {
    const server = await serve(selfSigned);
    await expectRefusal(server, 'certificate_untrusted', connect(server));
  });

  test('refuses an expired and a not yet valid certificate', async () => {
    const old = await serve(expiredIssued);
    await expectRefusal(old, 'certificate_expired', connect(old));
    const early = await serve(futureIssued);
    await expectRefusal(early, 'certificate_not_yet_valid', connect(early));
  });

  test('refuses a certificate whose time has run out by the clock that was handed in', async () => {
    const server = await serve(issued);
    const after = Date.UTC(2050, 0, 1);
    await expectRefusal(server, 'certificate_expired', connect(server, { clock: () => after }));
    await expectPass(connect(server, { clock: () => Date.UTC(2040, 0, 1) }));
  });

  test('refuses a certificate for another name', async () => {
    const server = await serve(misnamedIssued);
    await expectRefusal(server, 'certificate_name_mismatch', connect(server));
  });

  test('lets an IP address through when the certificate names it, and no other', async () => {
    const server = await serve(issued);
    const asked = fakeResolver({});
    await expectPass(connect(server, { host: '127.0.0.1', resolver: asked }));
    expect(asked.asked).toEqual([]);
    const fresh = await serve(issued);
    const wrong = connect(fresh, { host: '127.0.0.1', ca: [], dane: 'off' });
    await expectRefusal(fresh, 'certificate_untrusted', wrong);
    const unnamed = await serve(misnamedIssued);
    await expectRefusal(unnamed, 'certificate_name_mismatch', connect(unnamed, { host: '127.0.0.1' }));
  });

  test('takes the final dot and capitals of a name for the same name', async () => {
    const server = await serve(issued);
    await expectPass(connect(server, { host: 'A.Example.' }));
  });

  test('asks for no TLSA record when DANE is off', async () => {
    const server = await serve(issued);
    const resolver = fakeResolver({ 'a.example A': loopback });
    await expectPass(connect(server, { resolver }));
    expect([...resolver.asked].sort()).toEqual(['a.example A', 'a.example AAAA']);
  });

  test('refuses TLS 1.2 when TLS 1.3 is the minimum', async () => {
    const server = await serve(issued, [], { maxVersion: 'TLSv1.2' });
    await expectRefusal(server, 'tls_handshake_failed', connect(server, { minVersion: 'TLSv1.3' }));
    await expectPass(connect(server, { minVersion: 'TLSv1.2' }));
  });
});

describe('DANE', () => {
  for (const dane of ['prefer', 'require'] as const) {
    test(`${dane}: a matching record lets a self-signed certificate through`, async () => {
      const server = await serve(selfSigned);
      const answers = tlsa(server, [tlsaOf(impostor), tlsaOf(selfSigned)]);
      const checks = await expectPass(connect(server, { dane, answers }));
      expect(checks).toMatchObject({ path: 'skip', expiry: 'skip', hostname: 'pass', dane: 'pass' });
    });

    test(`${dane}: an impostor on the same address is refused before an octet is sent`, async () => {
      const server = await serve(impostor);
      const answers = tlsa(server, [tlsaOf(selfSigned)]);
      const error = await expectRefusal(server, 'dane_mismatch', connect(server, { dane, answers }));
      expect(error.code).toBe('ERR_DANE_MISMATCH');
    });

    test(`${dane}: a mismatch is refused even where WebPKI is content`, async () => {
      const server = await serve(issued);
      const answers = tlsa(server, [tlsaOf(selfSigned)]);
      await expectRefusal(server, 'dane_mismatch', connect(server, { dane, answers }));
    });

    test(`${dane}: a bogus TLSA answer is refused even where WebPKI is content`, async () => {
      const server = await serve(issued);
      const answers = tlsa(server, [], 'bogus');
      await expectRefusal(server, 'dnssec_bogus', connect(server, { dane, answers }));
    });

    test(`${dane}: a matching certificate for another name is refused, unless names are not checked`, async () => {
      const server = await serve(misnamed);
      const answers = tlsa(server, [tlsaOf(misnamed)]);
      await expectRefusal(server, 'certificate_name_mismatch', connect(server, { dane, answers }));
      const checks = await expectPass(connect(server, { dane, answers, dangerouslySkipDaneNameCheck: true }));
      expect(checks).toMatchObject({ hostname: 'skip', dane: 'pass' });
    });

    test(`${dane}: dates do not count under a matching DANE-EE record`, async () => {
      const server = await serve(expired);
      await expectPass(connect(server, { dane, answers: tlsa(server, [tlsaOf(expired)]) }));
    });
  }

  const absences: readonly (readonly [string, string, Parameters<typeof tlsaAnswer>, string])[] = [
    ['proven absence', 'dane_absent', [[]], 'skip'],
    ['a record from an insecure zone', 'dane_absent', [[tlsaOf(issued)], 'insecure'], 'skip'],
    ['records that are not usable', 'dane_unusable', [[tlsaOf(issued, 1, 1, 2)]], 'warn'],
    ['an indeterminate answer', 'dane_lookup_failed', [[], 'indeterminate'], 'warn'],
  ];
  for (const [what, reason, answer, outcome] of absences) {
    test(`${what}: WebPKI decides in prefer, require refuses`, async () => {
      const server = await serve(issued);
      const answers = tlsa(server, ...answer);
      const open = { dane: 'prefer', answers } as const;
      await expectRefusal(server, 'certificate_untrusted', connect(server, { ...open, ca: [] }));
      await expectRefusal(server, reason, connect(server, { answers, dane: 'require' }));
      expect((await expectPass(connect(server, open))).dane).toBe(outcome);
    });
  }

  test('an insecure record is no match either: a self-signed certificate stays refused in prefer', async () => {
    const server = await serve(selfSigned);
    const answers = tlsa(server, [tlsaOf(selfSigned)], 'insecure');
    await expectRefusal(server, 'certificate_untrusted', connect(server, { dane: 'prefer', answers }));
  });

  test('an insecure record cannot refuse what WebPKI vouches for', async () => {
    const server = await serve(issued);
    const answers = tlsa(server, [tlsaOf(selfSigned)], 'insecure');
    await expectPass(connect(server, { dane: 'prefer', answers }));
  });

  test('a TLSA lookup that throws or never answers warns in prefer and refuses in require', async () => {
    const server = await serve(issued);
    const owner = `_${server.port}._tcp.a.example TLSA`;
    for (const answer of [{ error: new Error('no server answers') }, { silent: true }]) {
      const options = { answers: { [owner]: answer }, timeoutMs: 700 };
      await expectRefusal(server, 'dane_lookup_failed', connect(server, { ...options, dane: 'require' }));
    }
    for (const answer of [{ error: new Error('no server answers') }, { silent: true }]) {
      const options = { answers: { [owner]: answer }, timeoutMs: 700 };
      expect((await expectPass(connect(server, { ...options, dane: 'prefer' }))).dane).toBe('warn');
    }
  });

  test('an unreadable TLSA record is present but unusable', async () => {
    const server = await serve(issued);
    const answers = { [`_${server.port}._tcp.a.example TLSA`]: { rdata: [Uint8Array.of(3)] } };
    await expectRefusal(server, 'dane_unusable', connect(server, { dane: 'require', answers }));
  });

  test('an IP address has no TLSA record: require refuses it without asking', async () => {
    const server = await serve(issued);
    const resolver = fakeResolver({});
    await expectRefusal(
      server,
      'dane_absent',
      connect(server, { host: '127.0.0.1', dane: 'require', resolver }),
    );
    await expectPass(connect(server, { host: '127.0.0.1', dane: 'prefer', resolver }));
    expect(resolver.asked).toEqual([]);
  });
});

describe('addresses', () => {
  test('refuses loopback unless it is allowed', async () => {
    const server = await serve(issued);
    await expectRefusal(server, 'address_forbidden', connect(server, { allowAddresses: [] }));
    await expectPass(connect(server));
  });

  test('dials only what passed the guard, and asks for each family once', async () => {
    const server = await serve(issued);
    const answers = { 'a.example A': { rdata: [Uint8Array.of(10, 0, 0, 1), Uint8Array.of(127, 0, 0, 1)] } };
    const resolver = fakeResolver(answers);
    const peer = await connect(server, { resolver });
    expect(peer.address).toMatchObject({ address: '127.0.0.1', family: 4 });
    expect(peer.socket.remoteAddress).toBe('127.0.0.1');
    expect([...resolver.asked].sort()).toEqual(['a.example A', 'a.example AAAA']);
    peer.socket.destroy();
  });

  test('goes on to the next address when one does not answer', async () => {
    const server = await serve(issued);
    // Nothing listens on 127.9.9.9 but the port is the server's; IPv6 loopback is tried first.
    const answers = {
      'a.example AAAA': { rdata: [Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)] },
      'a.example A': { rdata: [Uint8Array.of(127, 9, 9, 9), Uint8Array.of(127, 0, 0, 1)] },
    };
    await expectPass(connect(server, { answers, allowAddresses: ['127.0.0.0/8', '::1/128'] }));
  });

  test('refuses a bogus address answer in every mode, of either family', async () => {
    const server = await serve(issued);
    for (const dane of ['off', 'prefer', 'require'] as const) {
      for (const question of ['a.example A', 'a.example AAAA']) {
        const answers: Answers = { [question]: { status: 'bogus' } };
        await expectRefusal(server, 'dnssec_bogus', connect(server, { dane, answers }));
      }
    }
  });

  test('refuses an insecure address answer only where DNSSEC is required', async () => {
    const server = await serve(issued);
    const answers: Answers = { 'a.example A': { ...loopback, status: 'insecure' } };
    await expectRefusal(server, 'dnssec_required', connect(server, { answers, requireDnssec: true }));
    await expectRefusal(
      server,
      'dnssec_required',
      connect(server, { host: '127.0.0.1', requireDnssec: true }),
    );
    await expectPass(connect(server, { answers }));
    await expectPass(connect(server, { requireDnssec: true }));
  });

  test('refuses a name without addresses, and one whose lookup fails', async () => {
    const server = await serve(issued);
    await expectRefusal(server, 'address_not_found', connect(server, { host: 'none.example' }));
    const error = new Error('no server answers');
    const answers: Answers = { 'a.example A': { error }, 'a.example AAAA': { error } };
    const refusal = await expectRefusal(server, 'address_not_found', connect(server, { answers }));
    expect(refusal.message).toContain('no server answers');
  });

  test('one family may fail when the other has addresses', async () => {
    const server = await serve(issued);
    await expectPass(connect(server, { answers: { 'a.example AAAA': { status: 'indeterminate' } } }));
    await expectPass(connect(server, { answers: { 'a.example AAAA': { error: new Error('timeout') } } }));
  });

  test('an address whose proof could not be had is none: who forges it can break that query too', async () => {
    const server = await serve(issued);
    const answer = { ...loopback, status: 'indeterminate', rcode: 0 } as const;
    const broken: Answers = { 'a.example A': { ...answer, ede: Ede.noReachableAuthority } };
    await expectRefusal(server, 'address_not_found', connect(server, { answers: broken }));
    // Where no trust anchor stands, no proof was to be had.
    await expectPass(connect(server, { answers: { 'a.example A': { ...answer, ede: Ede.indeterminate } } }));
  });

  test('an address lookup that never answers ends within the time', async () => {
    const server = await serve(issued);
    const answers: Answers = { 'a.example A': { silent: true } };
    await expectRefusal(server, 'address_not_found', connect(server, { answers, timeoutMs: 200 }));
  });

  for (const host of [
    '',
    '.',
    '.a.example',
    'a..example',
    'a.example\0.b',
    'a\\.example',
    'a b',
    'ä.example',
    '[::1]',
    '2606:4700::1%lo',
  ]) {
    test(`refuses ${JSON.stringify(host)} as a host without asking anybody`, async () => {
      const resolver = fakeResolver({});
      const error = await refusalOf(connectPeer({ host, port: 443 }, { resolver }));
      expect(error.reason).toBe('address_forbidden');
      expect(resolver.asked).toEqual([]);
    });
  }

  for (const port of [0, -1, 65_536, 1.5, Number.NaN]) {
    test(`refuses port ${port}`, async () => {
      const error = await refusalOf(connectPeer({ host: '1.1.1.1', port }, { resolver: fakeResolver({}) }));
      expect(error.reason).toBe('address_forbidden');
    });
  }
});

describe('the text of a certificate', () => {
  const utf8Name = 'otherName:1.3.6.1.5.5.7.8.9;UTF8:x\u009b\u202e@a.example';
  const steering = makeIdentity({ san: `DNS:b.example,${utf8Name}`, commonName: 'x\u009b31m' });

  test('cannot steer the terminal that shows the refusal', async () => {
    // OpenSSL and the runtime escape ASCII control characters, and leave the others as they are.
    expect(new X509Certificate(steering.der).issuer).toContain('\u009b');
    expect(new X509Certificate(steering.der).subjectAltName).toContain('\u009b');
    const server = await serve(steering);
    for (const trust of [{}, { ca: [steering.cert] }]) {
      const error = await refusalOf(connect(server, trust));
      expect(JSON.stringify([error.message, error.verdict])).not.toMatch(/\p{C}/u);
    }
  });
});

describe('options', () => {
  const wrong: readonly (readonly [string, Partial<PeerOptions>])[] = [
    ['a range that is none', { allowAddresses: ['everything'] }],
    ['an authority that is no certificate', { ca: ['-----BEGIN NONSENSE-----'] }],
    ['no time at all', { timeoutMs: 0 }],
    ['a time that is no number', { timeoutMs: Number.NaN }],
  ];
  for (const [what, options] of wrong) {
    test(`${what} is a configuration error`, async () => {
      const connecting = connectPeer(
        { host: 'a.example', port: 443 },
        { resolver: fakeResolver({}), ...options },
      );
      await expect(connecting).rejects.toMatchObject({ code: 'ERR_TLS_CONFIG' });
    });
  }
});
