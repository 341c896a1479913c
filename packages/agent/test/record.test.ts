import { describe, expect, it } from 'vitest';
import { rawSvcb, reasonOf, recordOf } from './support/record.js';

const sha256 = 'CY1lDMbSgN7kwPR0iadc8Xub-7rlMFGAbU4IQQiy_yc';
const text = (key: number, value: string | Uint8Array, target = 'edge.acme.example') =>
  rawSvcb(1, target, { 1: [3, 0x6d, 0x63, 0x70], [key]: [...Buffer.from(value)] });

describe('readAgentRecord', () => {
  it('reads every field of a full record', () => {
    const record = recordOf(
      `3 Edge.ACME.example. alpn=mcp,h2 port=8443 cap=https://acme.example/cap cap-sha256=${sha256} bap=mcp=1.0 ` +
        'policy=https://acme.example/p realm=inner sig=e30.e30.c2ln connect-class=direct connect-meta=m ' +
        'enroll-uri=https://acme.example/e well-known=agent-card.json',
      { dnssec: 'insecure' },
    );
    expect(record).toEqual({
      fqdn: 'weather.acme.example',
      name: 'weather',
      domain: 'acme.example',
      protocol: 'mcp',
      target: 'edge.acme.example',
      port: 8443,
      priority: 3,
      alpn: ['mcp', 'h2'],
      cap: 'https://acme.example/cap',
      capSha256: sha256,
      bap: 'mcp=1.0',
      policy: 'https://acme.example/p',
      realm: 'inner',
      sig: 'e30.e30.c2ln',
      connectClass: 'direct',
      connectMeta: 'm',
      enrollUri: 'https://acme.example/e',
      wellKnown: 'agent-card.json',
      mandatory: ['port'],
      dnssec: 'insecure',
      ttl: 300,
      discoveredAt: '2026-11-22T00:00:00.000Z',
      endpointSource: 'dns_svcb',
    });
  });

  it('takes port 443 where none stands', () => {
    expect(recordOf('1 edge.acme.example. alpn=mcp').port).toBe(443);
  });

  it('takes the owner for the target "."', () => {
    expect(recordOf('1 . alpn=mcp').target).toBe('weather.acme.example');
  });

  it('rejects the target "." at an underscored owner', () => {
    const owner = '_weather._mcp._agents.acme.example';
    expect(reasonOf('1 . alpn=mcp', { owner })).toBe('record_malformed');
    expect(reasonOf('1 edge.acme.example. alpn=mcp', { owner })).toBe('ok');
  });

  it.each([
    ['an underscored label', '_edge.acme.example'],
    ['an underscore inside a label', 'ed_ge.acme.example'],
    ['an IPv4 address', '192.0.2.1'],
    ['a number as its last label', 'edge.0x7f'],
    ['an escaped octet', 'ed\\000ge.acme.example'],
    ['a slash', 'edge/x.acme.example'],
    ['an at sign', 'user@edge.acme.example'],
    ['a wildcard', '*.acme.example'],
    ['a hyphen at the edge of a label', '-edge.acme.example'],
  ])('rejects a target with %s', (_, target) => {
    expect(reasonOf(rawSvcb(1, target, { 1: [3, 0x6d, 0x63, 0x70] }))).toBe('record_malformed');
  });

  it('rejects port 0 and takes port 1', () => {
    expect(reasonOf('1 edge.acme.example. alpn=mcp port=0')).toBe('record_malformed');
    expect(reasonOf('1 edge.acme.example. alpn=mcp port=1')).toBe('ok');
  });

  describe('the protocol', () => {
    it.each([
      ['bap', '1 edge.acme.example. bap=a2a', 'a2a'],
      ['bap before alpn', '1 edge.acme.example. bap=a2a alpn=mcp', 'a2a'],
      ['bap with a version', '1 edge.acme.example. bap=mcp=2025-11-25 alpn=h2', 'mcp'],
      ['alpn, past what is no agent protocol', '1 edge.acme.example. alpn=h2,mcp', 'mcp'],
      ['https', '1 edge.acme.example. alpn=https', 'https'],
    ])('is read from %s', (_, rdata, protocol) => {
      expect(recordOf(rdata).protocol).toBe(protocol);
    });

    it('is the hint where the record names none, and never against the record', () => {
      expect(recordOf('1 edge.acme.example. alpn=h2', { hint: 'mcp' }).protocol).toBe('mcp');
      expect(recordOf('1 edge.acme.example. alpn=a2a', { hint: 'mcp' }).protocol).toBe('a2a');
      expect(reasonOf('1 edge.acme.example. bap=acp', { hint: 'mcp' })).toBe('protocol_unknown');
    });

    it('is unknown where nothing names one', () => {
      expect(reasonOf('1 edge.acme.example. alpn=h2')).toBe('protocol_unknown');
      expect(reasonOf('1 edge.acme.example. bap=acp alpn=mcp')).toBe('protocol_unknown');
    });

    it.each(['MCP', 'mcp,a2a', 'mcp=', '=1.0', 'mcp 1', `mcp=${'1'.repeat(65)}`])(
      'rejects the bap value %j',
      (value) => {
        expect(reasonOf(text(65402, value))).toBe('record_malformed');
      },
    );
  });

  describe('hostile text parameters', () => {
    const hostile = [
      '"',
      "'",
      '`',
      '\\',
      '\n',
      '\u0000',
      '\u001b[31m',
      '\u007f',
      '\u0085',
      '\u202e',
      '\u200b',
      '\u2028',
    ];
    it.each(hostile)('rejects %j in any of them', (character) => {
      for (const key of [65400, 65403, 65404, 65405, 65406, 65407, 65408, 65409]) {
        expect(reasonOf(text(key, `a${character}b`)), String(key)).toBe('record_malformed');
        expect(reasonOf(text(key, 'ab')), String(key)).toBe('ok');
      }
    });

    it('rejects text that is not UTF-8, and takes letters of any script', () => {
      expect(reasonOf(text(65404, Uint8Array.of(0x61, 0xff)))).toBe('record_malformed');
      expect(recordOf(text(65404, 'Bürö 東京')).realm).toBe('Bürö 東京');
    });

    it.each([
      [65400, 2048],
      [65402, 128],
      [65403, 2048],
      [65404, 255],
      [65405, 8192],
      [65406, 64],
      [65407, 2048],
      [65408, 2048],
      [65409, 128],
    ])('rejects key %i over %i octets', (key, limit) => {
      expect(reasonOf(text(key, 'a'.repeat(limit + 1)))).toBe('record_malformed');
      if (key !== 65402) expect(reasonOf(text(key, 'a'.repeat(limit)))).toBe('ok');
    });

    it('rejects an empty value', () => {
      expect(reasonOf(text(65404, ''))).toBe('record_malformed');
    });

    it.each([sha256.slice(1), `${sha256}=`, `${sha256.slice(0, -1)}d`, sha256.replace('-', '+')])(
      'rejects the cap-sha256 %s',
      (value) => {
        expect(reasonOf(text(65401, value))).toBe('record_malformed');
        expect(reasonOf(text(65401, sha256))).toBe('ok');
      },
    );

    it.each([
      '../etc/passwd',
      'a/../b',
      '/',
      '//evil.example/x',
      'a?b',
      'a#b',
      'a%2e',
      'a b',
      'a/',
      '.',
      '..',
    ])('rejects the well-known value %j', (value) => {
      expect(reasonOf(text(65409, value))).toBe('record_malformed');
    });

    it.each(['agent-card.json', '/.well-known/agent-card.json', '/other/card.json', '..a/b..'])(
      'takes the well-known value %j',
      (value) => {
        expect(recordOf(text(65409, value)).wellKnown).toBe(value);
      },
    );

    it('rejects ALPN identifiers with control characters, and too many of them', () => {
      const alpn = (...ids: string[]) =>
        rawSvcb(1, 'edge.acme.example', {
          1: ids.flatMap((id) => [id.length, ...Buffer.from(id)]),
          65402: [109, 99, 112],
        });
      expect(reasonOf(alpn('mcp', 'a\u001bb'))).toBe('record_malformed');
      expect(reasonOf(alpn(...Array.from({ length: 17 }, (_, at) => `x${at}`)))).toBe('record_malformed');
      expect(reasonOf(alpn(...Array.from({ length: 16 }, (_, at) => `x${at}`)))).toBe('ok');
    });
  });
});
