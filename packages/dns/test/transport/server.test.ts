// Server addresses as text.

import { describe, expect, it } from 'vitest';
import { formatServer, parseServer } from '../../src/transport/server.js';

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
