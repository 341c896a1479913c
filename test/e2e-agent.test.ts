// `countersign verify` and `countersign invoke` against servers that we did not write: zones signed by BIND and
// served by named, directly and through Unbound, and nginx with a self-signed certificate pinned by TLSA.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serverSuite } from './servers.js';
import {
  asProcess,
  countersign,
  DiscoveryReport,
  Invocation,
  type Runner,
  Verdict,
} from './support/countersign.js';
import { type Site, siteServers, startSite } from './support/site.js';
import type { TreeKind } from './support/tree.js';

/** An agent that every mode refuses, why, and the agent that differs from it in just that and passes. */
type Refusal = readonly [what: string, agent: string, reason: string, twin: string];

const refusedInEveryMode: readonly Refusal[] = [
  ['a TLSA record of another key', 'wrong.acme.example', 'dane_mismatch', 'chat.acme.example'],
  ['signatures that have run out', 'chat.expired.example', 'dnssec_bogus', 'chat.current.example'],
  ['a TLSA record without its signature', 'stripped.acme.example', 'dnssec_bogus', 'chat.acme.example'],
  ['a TLSA record forged to fit', 'forged.acme.example', 'dnssec_bogus', 'chat.acme.example'],
  ['an SVCB record without its signature', 'bare.acme.example', 'dnssec_bogus', 'chat.acme.example'],
  ['an SVCB record forged to lead elsewhere', 'moved.acme.example', 'dnssec_bogus', 'chat.acme.example'],
  ['a DS that fits no key of the zone', 'chat.broken.example', 'dnssec_bogus', 'chat.current.example'],
];

serverSuite('verify and invoke', siteServers, () => {
  describe.each<TreeKind>(['nsec', 'nsec3'])('in zones with %s', (kind) => {
    let site: Site;
    beforeAll(async () => {
      site = await startSite(kind);
    });
    afterAll(() => site?.stop());

    describe.each(['named', 'unbound'] as const)('by %s', (server) => {
      const flags = (...more: readonly string[]) => [...site.flags(site.tree[server]), ...more];
      const verify = (agent: string, more: readonly string[], run?: Runner) =>
        countersign(Verdict, ['verify', agent, ...flags(...more)], run);
      const invoke = (agent: string, more: readonly string[], run?: Runner) => {
        const call = ['--method', 'forecast', '--args', '{"city":"Oslo"}'];
        return countersign(Invocation, ['invoke', agent, ...call, ...flags(...more)], run);
      };

      test.each([
        ['its key (3 1 1)', 'chat.acme.example'],
        ['its certificate (3 0 1)', 'whole.acme.example'],
        ['its key beside another one', 'rolling.acme.example'],
      ])('verifies an agent that a TLSA record pins by %s', async (_, agent) => {
        const { code, json } = await verify(agent, ['--require-dane', '--require-dnssec']);
        expect(json.checks.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
        for (const check of ['dnssec', 'hostname', 'dane']) {
          expect(json.checks).toContainEqual(expect.objectContaining({ check, outcome: 'pass' }));
        }
        expect(json.ok).toBe(true);
        expect(code).toBe(0);
      });

      test('calls an agent in the strict profile, as a process of its own', async () => {
        const { code, json } = await invoke('chat.acme.example', ['--profile', 'strict'], asProcess);
        expect(json).toMatchObject({
          ok: true,
          data: { method: 'POST', path: '/forecast' },
          signal: { status: 'success' },
        });
        expect(code).toBe(0);
        expect(await site.endpoint.requests()).toContain('chat-host.acme.example POST /forecast');
      });

      test('refuses an agent in the permissive profile, as a process of its own', async () => {
        const permissive = ['--profile', 'permissive', '--prefer-dane'];
        const { code, json } = await verify('wrong.acme.example', permissive, asProcess);
        expect(json.ok).toBe(false);
        expect(json.checks.find(({ outcome }) => outcome === 'fail')).toMatchObject({
          reason: 'dane_mismatch',
        });
        expect(code).toBe(1);
      });

      describe.each(refusedInEveryMode)('%s', (_, agent, reason, twin) => {
        test.each(['--prefer-dane', '--require-dane'])('is refused with %s', async (mode) => {
          // The certificate is trusted by WebPKI besides: what refuses is the record alone.
          const { code, json } = await verify(agent, [mode, '--ca', site.certificate.path]);
          expect(json.ok).toBe(false);
          expect(json.checks.find(({ outcome }) => outcome === 'fail')).toMatchObject({ reason });
          expect(code).toBe(1);
        });

        test('is refused before any byte of a call, which its twin gets', async () => {
          const before = (await site.endpoint.requests()).length;
          const refused = await invoke(agent, ['--prefer-dane', '--ca', site.certificate.path]);
          expect(refused.json).toMatchObject({
            ok: false,
            data: null,
            signal: { status: 'refused', reason },
          });
          expect(refused.code).toBe(1);
          expect(await site.endpoint.requests()).toHaveLength(before);

          const passed = await invoke(twin, ['--prefer-dane', '--ca', site.certificate.path]);
          expect(passed.json).toMatchObject({ ok: true, signal: { status: 'success' } });
          expect(passed.code).toBe(0);
          expect(await site.endpoint.requests()).toHaveLength(before + 1);
        });
      });

      describe.each([
        ['a TLSA record of an unsigned zone', 'chat.plain.example'],
        ['no TLSA record, as is proven', 'unpinned.acme.example'],
      ])('%s', (_, agent) => {
        test('is refused under --require-dane', async () => {
          const { code, json } = await invoke(agent, ['--require-dane', '--ca', site.certificate.path]);
          expect(json).toMatchObject({ ok: false, signal: { status: 'refused', reason: 'dane_absent' } });
          expect(code).toBe(1);
        });

        test('leaves it to WebPKI under --prefer-dane, which trusts by --ca', async () => {
          const { code, json } = await invoke(agent, ['--prefer-dane', '--ca', site.certificate.path]);
          expect(json).toMatchObject({ ok: true, signal: { status: 'success' } });
          expect(code).toBe(0);
        });

        test('leaves it to WebPKI under --prefer-dane, which knows no self-signed certificate', async () => {
          const { code, json } = await invoke(agent, ['--prefer-dane']);
          expect(json).toMatchObject({
            ok: false,
            signal: { status: 'refused', reason: 'certificate_untrusted' },
          });
          expect(code).toBe(1);
        });
      });

      test('refuses an unsigned zone under --require-dnssec', async () => {
        const strict = ['--prefer-dane', '--require-dnssec', '--ca', site.certificate.path];
        const { code, json } = await verify('chat.plain.example', strict);
        expect(json.checks.find(({ outcome }) => outcome === 'fail')).toMatchObject({
          reason: 'dnssec_required',
        });
        expect(code).toBe(1);
      });

      test('refuses the loopback address unless it is allowed', async () => {
        const lookup = ['--server', `127.0.0.1#${site.tree[server].port}`, '--anchor', site.tree.anchorFile];
        const args = ['verify', 'chat.acme.example', ...lookup, '--require-dane'];
        const { code, json } = await countersign(Verdict, args);
        expect(json.checks.find(({ outcome }) => outcome === 'fail')).toMatchObject({
          reason: 'address_forbidden',
        });
        expect(code).toBe(1);
      });

      test('lists the agents of the domain', async () => {
        const { code, json } = await countersign(DiscoveryReport, [
          ...['discover', 'acme.example', '--require-dnssec'],
          ...['--server', `127.0.0.1#${site.tree[server].port}`, '--anchor', site.tree.anchorFile],
        ]);
        const found = { protocol: 'https', port: site.endpoint.port, dnssec: 'secure' };
        expect(json).toEqual({
          agents: [
            expect.objectContaining({
              ...found,
              fqdn: 'chat.acme.example',
              target: 'chat-host.acme.example',
            }),
            expect.objectContaining({
              ...found,
              fqdn: 'whole.acme.example',
              target: 'whole-host.acme.example',
            }),
          ],
          errors: [],
        });
        expect(code).toBe(0);
      });
    });
  });
});
