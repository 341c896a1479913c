// Server addresses as text.

import { describe, expect, it } from 'vitest';
import { type DnsServer, formatServer, isProtectedServer, parseServer } from '../../src/transport/server.js';

describe('a server address', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1', 53],
    ['127.0.0.1#5353', '127.0.0.1', 5353],
    ['127.0.0.1:5353', '127.0.0.1', 5353],
    ['::1', '::1', 53],
    ['::1#5353', '::1', 5353],
    ['[::1]', '::1', 53],
    ['[::1]#5353', '::1', 5353],
    ['[::1]:5353', '::1', 5353],
    ['fe80::1%eth0#53', 'fe80::1%eth0', 53],
  ])('is read from %s', (text, host, port) => {
    expect(parseServer(text)).toEqual({ host, port });
    expect(parseServer(formatServer({ host, port }))).toEqual({ host, port });
  });

  it.each([
    '',
    'localhost',
    '127.0.0.1#',
    '127.0.0.1#0',
    '127.0.0.1#65536',
    '#53',
    '[127.0.0.1',
    '127.0.0.1#53#53',
    '1.2.3',
  ])('is not %j', (text) => {
    expect(() => parseServer(text)).toThrow(expect.objectContaining({ code: 'ERR_DNS_CONFIG' }));
  });
});

const pin = 'ypSctzHB2X8QXskWGTDTE/pmn5jOYgBXyQZSAYoH+5s=';

describe('a server as a URL', () => {
  it.each<[string, DnsServer]>([
    ['udp://127.0.0.1:5353', { protocol: 'udp', host: '127.0.0.1', port: 5353 }],
    ['tcp://127.0.0.1:5353', { protocol: 'tcp', host: '127.0.0.1', port: 5353 }],
    ['tcp://[::1]', { protocol: 'tcp', host: '::1', port: 53 }],
    ['tls://9.9.9.9', { protocol: 'tls', host: '9.9.9.9', port: 853 }],
    ['tls://9.9.9.9?name=dns.example', { protocol: 'tls', host: '9.9.9.9', port: 853, name: 'dns.example' }],
    [
      'tls://dns.example?address=9.9.9.9',
      { protocol: 'tls', host: '9.9.9.9', port: 853, name: 'dns.example' },
    ],
    ['tls://dns.example:8853?address=::1', { protocol: 'tls', host: '::1', port: 8853, name: 'dns.example' }],
    [`tls://[::1]?pin=sha256/${pin}`, { protocol: 'tls', host: '::1', port: 853, pins: [pin] }],
    [
      `tls://9.9.9.9:853?name=dns.example&pin=sha256%2F${pin.replace('+', '%2B')}&pin=sha256/${pin}`,
      { protocol: 'tls', host: '9.9.9.9', port: 853, name: 'dns.example', pins: [pin, pin] },
    ],
    ['https://9.9.9.9/dns-query', { protocol: 'https', host: '9.9.9.9', port: 443, path: '/dns-query' }],
    ['https://9.9.9.9', { protocol: 'https', host: '9.9.9.9', port: 443, path: '/' }],
    [
      'https://dns.example:8443/dns-query?address=9.9.9.9',
      { protocol: 'https', host: '9.9.9.9', port: 8443, name: 'dns.example', path: '/dns-query' },
    ],
  ])('is read from %s', (text, server) => {
    expect(parseServer(text)).toEqual(server);
    expect({ protocol: 'udp', ...parseServer(formatServer(server)) }).toEqual(server);
  });

  it.each<[string, string]>([
    ['ftp://127.0.0.1', 'tcp://127.0.0.1'],
    ['tcp://localhost', 'tcp://127.0.0.1'],
    ['tcp://127.0.0.1:0', 'tcp://127.0.0.1:1'],
    ['tcp://127.0.0.1:65536', 'tcp://127.0.0.1:65535'],
    ['tcp://127.0.0.1?name=dns.example', 'tls://127.0.0.1?name=dns.example'],
    ['tcp://127.0.0.1/path', 'https://127.0.0.1/path'],
    ['tls://127.0.0.1/path', 'https://127.0.0.1/path'],
    ['tls://dns.example', 'tls://dns.example?address=127.0.0.1'],
    ['tls://dns.example?address=dns.example', 'tls://dns.example?address=127.0.0.1'],
    ['tls://dns.example?address=127.0.0.1&address=::1', 'tls://dns.example?address=127.0.0.1'],
    ['tls://dns.example?address=127.0.0.1&name=a.example', 'tls://127.0.0.1?name=a.example'],
    ['tls://127.0.0.1?address=127.0.0.2', 'tls://127.0.0.1'],
    ['tls://127.0.0.1?name=127.0.0.1', 'tls://127.0.0.1?name=dns.example'],
    ['tls://127.0.0.1?name=', 'tls://127.0.0.1?name=d'],
    ['tls://127.0.0.1?name=a%0d%0ab', 'tls://127.0.0.1?name=a'],
    ['tls://127.0.0.1?name=%zz', 'tls://127.0.0.1?name=zz'],
    ['tls://127.0.0.1?nam=dns.example', 'tls://127.0.0.1?name=dns.example'],
    ['tls://127.0.0.1?pin=sha256/AAAA', `tls://127.0.0.1?pin=sha256/${pin}`],
    [`tls://127.0.0.1?pin=sha1/${pin}`, `tls://127.0.0.1?pin=sha256/${pin}`],
    [`tls://127.0.0.1?pin=sha256/${pin.slice(0, -1)}`, `tls://127.0.0.1?pin=sha256/${pin}`],
    ['tls://user@127.0.0.1', 'tls://127.0.0.1'],
    ['tls://127.0.0.1#name', 'tls://127.0.0.1'],
    ['https://127.0.0.1/dns-query{?dns}', 'https://127.0.0.1/dns-query'],
    ['https://127.0.0.1/dns query', 'https://127.0.0.1/dns%20query'],
  ])('is not %s, but is %s', (text, proper) => {
    expect(() => parseServer(text)).toThrow(expect.objectContaining({ code: 'ERR_DNS_CONFIG' }));
    expect(() => parseServer(proper)).not.toThrow();
  });
});

describe('a server that nobody can overhear or change', () => {
  it.each([
    ['127.0.0.1#53', true],
    ['127.255.0.1#53', true],
    ['::1', true],
    ['tcp://[::1]', true],
    ['tls://192.0.2.1', true],
    ['https://192.0.2.1/dns-query', true],
    ['192.0.2.1', false],
    ['tcp://192.0.2.1', false],
    ['::2', false],
    ['::127.0.0.1', false],
  ])('%s: %s', (text, isProtected) => {
    expect(isProtectedServer(parseServer(text))).toBe(isProtected);
  });
});
