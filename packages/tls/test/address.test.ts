// Which addresses may be dialled.

import { describe, expect, test } from 'vitest';
import { createAddressGuard } from '../src/address.js';

const guard = createAddressGuard();
const allowed = (address: string, allow?: readonly string[]) =>
  (allow === undefined ? guard : createAddressGuard(allow))(address).allowed;

describe('the address guard', () => {
  for (const address of [
    '1.1.1.1',
    '93.184.216.34',
    '172.15.0.1',
    '172.32.0.1',
    '168.63.129.17',
    '2606:4700::1111',
  ]) {
    test(`lets global unicast ${address} through`, () => {
      expect(guard(address)).toMatchObject({ allowed: true, address: { address } });
    });
  }

  const refused: Readonly<Record<string, string>> = {
    '127.0.0.1': 'loopback',
    '127.255.255.254': 'loopback',
    '0.0.0.0': 'unspecified',
    '0.1.2.3': '"this network"',
    '10.1.2.3': 'private',
    '172.16.0.1': 'private',
    '172.31.255.255': 'private',
    '192.168.0.1': 'private',
    '100.64.0.1': 'shared space',
    '169.254.169.254': 'link-local, metadata',
    '168.63.129.16': 'a cloud platform address',
    '192.0.0.192': 'protocol assignments',
    '192.0.2.1': 'documentation',
    '198.18.0.1': 'benchmarking',
    '203.0.113.7': 'documentation',
    '224.0.0.1': 'multicast',
    '240.0.0.1': 'reserved',
    '255.255.255.255': 'broadcast',
    '::': 'unspecified',
    '::1': 'loopback',
    '::7f00:1': 'IPv4-compatible',
    '::ffff:127.0.0.1': 'IPv4-mapped loopback',
    '::ffff:93.184.216.34': 'IPv4-mapped, even of a global address',
    '64:ff9b::7f00:1': 'NAT64',
    '64:ff9b:1::7f00:1': 'local NAT64',
    '2002:7f00:1::': '6to4',
    '2001::1': 'Teredo',
    '2001:db8::1': 'documentation',
    'fe80::1': 'link-local',
    'fe80::1%eth0': 'link-local with a zone',
    'fec0::1': 'site-local',
    'fd00:ec2::254': 'unique local, metadata',
    'ff02::1': 'multicast',
    '4000::1': 'unassigned',
    'a.example': 'no address',
    '0x7f.1': 'no address in its one form',
    '127.1': 'no address in its one form',
    '': 'no address',
  };
  for (const [address, what] of Object.entries(refused)) {
    test(`refuses ${address || 'the empty text'} (${what})`, () => {
      expect(guard(address)).toMatchObject({ allowed: false });
    });
  }

  test('lets through what is listed, and nothing beside it', () => {
    expect(allowed('127.0.0.1', ['127.0.0.0/8'])).toBe(true);
    expect(allowed('127.0.0.1', ['127.0.0.1'])).toBe(true);
    expect(allowed('127.0.0.2', ['127.0.0.1'])).toBe(false);
    expect(allowed('10.0.0.1', ['127.0.0.0/8'])).toBe(false);
    expect(allowed('::1', ['::1/128'])).toBe(true);
  });

  test('compares within one family: an IPv4 range does not let an IPv4-mapped address through', () => {
    expect(allowed('::ffff:127.0.0.1', ['127.0.0.0/8'])).toBe(false);
    expect(allowed('::ffff:127.0.0.1', ['::ffff:0:0/96'])).toBe(true);
  });

  for (const text of ['127.0.0.0/33', '127.0.0.0/x', 'localhost', '', '/8', '127.1', '10.0.0.0/8/8']) {
    test(`refuses "${text}" as a range when the guard is made`, () => {
      expect(() => createAddressGuard([text])).toThrow(expect.objectContaining({ code: 'ERR_TLS_CONFIG' }));
    });
  }
});
