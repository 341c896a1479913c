// Service parameter keys by name and number.

import { describe, expect, it } from 'vitest';
import { parseSvcParamKey, svcParamKeyName } from '../../src/rdata/svcparamkey.js';
import { invalid } from './rejects.js';

describe('service parameter keys', () => {
  it.each([
    [0, 'mandatory'],
    [6, 'ipv6hint'],
    [65400, 'cap'],
    [65401, 'cap-sha256'],
    [65402, 'bap'],
    [65409, 'well-known'],
    [667, 'key667'],
    [65535, 'key65535'],
  ])('%d is %s', (key, name) => {
    expect(svcParamKeyName(key)).toBe(name);
    expect(parseSvcParamKey(name)).toBe(key);
    expect(parseSvcParamKey(`key${key}`)).toBe(key);
  });

  it.each(['key65536', 'key01', 'key', 'Key1', 'ALPN', '', 'constructor'])('%j is none', (text) => {
    expect(() => parseSvcParamKey(text)).toThrow(invalid);
  });
});
