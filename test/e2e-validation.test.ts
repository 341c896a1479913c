// Real zones, signed by BIND and served by named, judged by four validators: ours on named's answers, ours on
// what comes through Unbound, delv, and Unbound itself. All must agree, in zones with NSEC and with NSEC3.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createResolver, parseAnchors, parseRrType, type Resolver, rcodeName } from '@countersign/dns';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serverSuite } from './servers.js';
import { asProcess, countersign, Resolution } from './support/countersign.js';
import { askDelv, askUnbound } from './support/peers.js';
import { expiredZoneHeldAtMs, startTree, type Tree, type TreeKind } from './support/tree.js';

/** A query, its status, and its response code where the answer may be used. */
type Case = [
  name: string,
  type: string,
  status: 'secure' | 'insecure' | 'bogus',
  rcode?: 'NOERROR' | 'NXDOMAIN',
];

const common: readonly Case[] = [
  // What is there.
  ['.', 'SOA', 'secure', 'NOERROR'],
  ['.', 'DNSKEY', 'secure', 'NOERROR'],
  ['example', 'NS', 'secure', 'NOERROR'],
  ['example', 'DNSKEY', 'secure', 'NOERROR'],
  ['acme.example', 'DS', 'secure', 'NOERROR'],
  ['acme.example', 'SOA', 'secure', 'NOERROR'],
  ['chat.acme.example', 'SVCB', 'secure', 'NOERROR'],
  ['CHAT-host.aCMe.eXample', 'A', 'secure', 'NOERROR'],
  ['_8443._tcp.chat-host.acme.example', 'TLSA', 'secure', 'NOERROR'],
  ['_index._agents.acme.example', 'TXT', 'secure', 'NOERROR'],
  ['acme.example', 'MX', 'secure', 'NOERROR'],
  ['service.acme.example', 'SRV', 'secure', 'NOERROR'],
  ['authority.acme.example', 'CAA', 'secure', 'NOERROR'],
  ['opaque.acme.example', 'TYPE65280', 'secure', 'NOERROR'],
  ['big.acme.example', 'TXT', 'secure', 'NOERROR'],
  // What is proven not to be there.
  ['chat.acme.example', 'TLSA', 'secure', 'NOERROR'],
  ['acme.example', 'TLSA', 'secure', 'NOERROR'],
  ['nowhere.acme.example', 'A', 'secure', 'NXDOMAIN'],
  ['_443._tcp.chat-host.acme.example', 'TLSA', 'secure', 'NXDOMAIN'],
  ['deep.below.nowhere.acme.example', 'A', 'secure', 'NXDOMAIN'],
  ['nowhere', 'A', 'secure', 'NXDOMAIN'],
  ['ent.acme.example', 'TXT', 'secure', 'NOERROR'],
  ['the.ent.acme.example', 'A', 'secure', 'NOERROR'],
  ['chat-host.acme.example', 'DS', 'secure', 'NOERROR'],
  // Wildcards.
  ['anything.wild.acme.example', 'TXT', 'secure', 'NOERROR'],
  ['a.b.c.wild.acme.example', 'TXT', 'secure', 'NOERROR'],
  ['anything.wild.acme.example', 'MX', 'secure', 'NOERROR'],
  ['explicit.wild.acme.example', 'A', 'secure', 'NOERROR'],
  ['explicit.wild.acme.example', 'TXT', 'secure', 'NOERROR'],
  ['below.explicit.wild.acme.example', 'TXT', 'secure', 'NXDOMAIN'],
  ['*.wild.acme.example', 'TXT', 'secure', 'NOERROR'],
  // Aliases.
  ['alias.acme.example', 'A', 'secure', 'NOERROR'],
  ['alias.acme.example', 'CNAME', 'secure', 'NOERROR'],
  ['chain.acme.example', 'A', 'secure', 'NOERROR'],
  ['chain.acme.example', 'TLSA', 'secure', 'NOERROR'],
  ['gone.acme.example', 'A', 'secure', 'NXDOMAIN'],
  ['some.aliases.acme.example', 'A', 'secure', 'NOERROR'],
  ['some.tree.acme.example', 'TXT', 'secure', 'NOERROR'],
  ['out.acme.example', 'A', 'insecure', 'NOERROR'],
  ['optedout.acme.example', 'A', 'insecure', 'NOERROR'],
  ['to-expired.acme.example', 'A', 'bogus'],
  // Unsigned zones, and one whose DS nobody can read.
  ['host.plain.example', 'A', 'insecure', 'NOERROR'],
  ['nowhere.plain.example', 'A', 'insecure', 'NXDOMAIN'],
  ['host.plain.example', 'TLSA', 'insecure', 'NOERROR'],
  ['host.optout.example', 'A', 'insecure', 'NOERROR'],
  ['host.exotic.example', 'A', 'insecure', 'NOERROR'],
  // What must not pass.
  ['host.expired.example', 'A', 'bogus'],
  ['nowhere.expired.example', 'A', 'bogus'],
  ['host.broken.example', 'A', 'bogus'],
  ['forged-text.acme.example', 'TXT', 'bogus'],
  ['bare-text.acme.example', 'TXT', 'bogus'],
  ['bare.acme.example', 'SVCB', 'bogus'],
  ['moved.acme.example', 'SVCB', 'bogus'],
  ['_8443._tcp.stripped-host.acme.example', 'TLSA', 'bogus'],
  ['_8443._tcp.forged-host.acme.example', 'TLSA', 'bogus'],
];

const absentFromTld: readonly Case[] = [
  ['nowhere.example', 'A', 'secure', 'NXDOMAIN'],
  ['plain.example', 'DS', 'secure', 'NOERROR'],
];

// An opt-out span proves no absence (RFC 5155 section 9.2 forbids the AD flag): an unsigned delegation may hide
// in it. Unbound goes by that; delv calls such an answer validated and is not asked.
const underOptOut: readonly Case[] = [
  ['nowhere.example', 'A', 'insecure', 'NXDOMAIN'],
  ['plain.example', 'DS', 'insecure', 'NOERROR'],
  ['optout.example', 'DS', 'insecure', 'NOERROR'],
];

const port = 8443;
const certificate = { keyHash: '11'.repeat(32), hash: '22'.repeat(32) };

serverSuite('validation', ['named', 'dnssec-signzone', 'delv', 'unbound'], () => {
  describe.each<TreeKind>(['nsec', 'nsec3'])('of zones with %s', (kind) => {
    let folder: string;
    let tree: Tree;
    let direct: Resolver;
    let throughUnbound: Resolver;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'countersign-validation-'));
      tree = await startTree(folder, { kind, port, certificate, otherKeyHash: '33'.repeat(32) });
      const anchors = parseAnchors(await readFile(tree.anchorFile, 'utf8'));
      const resolverAt = (at: number) =>
        createResolver({ anchors, servers: [{ host: '127.0.0.1', port: at }] });
      direct = resolverAt(tree.named.port);
      throughUnbound = resolverAt(tree.unbound.port);
    });
    afterAll(async () => {
      await tree?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    /** Our opinion in the form of the others'. */
    async function ask(resolver: Resolver, name: string, type: string) {
      const { status, rcode } = await resolver.resolve(name, parseRrType(type));
      return status === 'bogus' ? { status } : { status, rcode: rcodeName(rcode) };
    }

    function agreeOn(cases: readonly Case[], withDelv: boolean) {
      test.each(cases)('%s %s is %s for everyone', async (name, type, status, rcode) => {
        const expected = rcode === undefined ? { status } : { status, rcode };
        const [own, behindUnbound, unbound, delv] = await Promise.all([
          ask(direct, name, type),
          ask(throughUnbound, name, type),
          askUnbound(tree, name, type),
          withDelv ? askDelv(tree, name, type) : expected,
        ]);
        expect({ own, behindUnbound, unbound, delv }).toEqual({
          own: expected,
          behindUnbound: expected,
          unbound: expected,
          delv: expected,
        });
      });
    }

    agreeOn(common, true);
    agreeOn(kind === 'nsec' ? absentFromTld : underOptOut, kind === 'nsec');

    describe('by the command', () => {
      const resolve = (name: string, type: string, more: readonly string[] = []) => {
        const lookup = ['--server', `127.0.0.1#${tree.unbound.port}`, '--anchor', tree.anchorFile];
        return countersign(Resolution, ['resolve', name, type, ...lookup, ...more], asProcess);
      };

      test('prints a secure TLSA answer and ends with 0', async () => {
        const { code, json } = await resolve(`_${port}._tcp.chat-host.acme.example`, 'TLSA');
        expect(json).toMatchObject({ status: 'secure', rcode: 'NOERROR', type: 'TLSA' });
        expect(json.answers.map(({ data }) => data.toLowerCase())).toEqual([`3 1 1 ${certificate.keyHash}`]);
        expect(code).toBe(0);
      });

      test('gives out none of a forged answer and ends with 1', async () => {
        const { code, json } = await resolve(`_${port}._tcp.forged-host.acme.example`, 'TLSA');
        expect(json).toMatchObject({ status: 'bogus', answers: [], ede: 6 });
        expect(code).toBe(1);
      });

      test('refuses a zone whose signatures have run out', async () => {
        const { code, json } = await resolve('host.expired.example', 'A');
        expect(json).toMatchObject({ status: 'bogus', answers: [], ede: 7 });
        expect(code).toBe(1);
      });

      test('takes the same zone as of a time when they held', async () => {
        const at = new Date(expiredZoneHeldAtMs).toISOString();
        const { code, json } = await resolve('host.expired.example', 'A', ['--at', at]);
        expect(json).toMatchObject({ status: 'secure', rcode: 'NOERROR' });
        expect(code).toBe(0);
      });

      test('passes an insecure answer with 0', async () => {
        const { code, json } = await resolve('host.plain.example', 'A');
        expect(json).toMatchObject({ status: 'insecure', rcode: 'NOERROR' });
        expect(code).toBe(0);
      });
    });
  });
});
