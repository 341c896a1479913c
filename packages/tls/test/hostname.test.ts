// Which names a certificate speaks for: RFC 9525.

import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { checkHostname } from '../src/hostname.js';
import { makeIdentity } from './support/certificates.js';

const certificate = (san: string, commonName = 'test') =>
  new X509Certificate(makeIdentity({ san, commonName }).cert);

const names = certificate('DNS:a.example,DNS:*.wild.example,IP:192.0.2.1,IP:2001:db8::1');
const onlyCommonName = certificate('', 'a.example');
const emailOnly = certificate('email:x@a.example', 'a.example');
const partial = certificate('DNS:f*.example.com,DNS:a.*.example.com,DNS:192.0.2.9');

describe('hostname', () => {
  const cases: readonly (readonly [string, X509Certificate, string, boolean])[] = [
    ['an exact name', names, 'a.example', true],
    ['an exact name in capitals', names, 'A.EXAMPLE', true],
    ['a name beside it', names, 'b.example', false],
    ['a name below it', names, 'x.a.example', false],
    ['a name that begins with a dot', names, '.example', false],
    ['the empty name', names, '', false],
    ['one label under a wildcard', names, 'x.wild.example', true],
    ['two labels under a wildcard', names, 'x.y.wild.example', false],
    ['the wildcard’s own parent', names, 'wild.example', false],
    ['a partial wildcard', partial, 'foo.example.com', false],
    ['a wildcard that is not left-most', partial, 'a.b.example.com', false],
    ['an IPv4 address that is listed', names, '192.0.2.1', true],
    ['an IPv4 address that is not listed', names, '192.0.2.2', false],
    ['an IPv6 address that is listed, written otherwise', names, '2001:db8:0::1', true],
    ['an IP address that stands in a dNSName', partial, '192.0.2.9', false],
    ['the common name of a certificate without names', onlyCommonName, 'a.example', false],
    ['the common name of a certificate with other names', emailOnly, 'a.example', false],
  ];
  for (const [what, subject, host, wanted] of cases) {
    test(`${what} is ${wanted ? 'accepted' : 'refused'}`, () => {
      const check = checkHostname(subject, host);
      expect(check.outcome).toBe(wanted ? 'pass' : 'fail');
      expect(check.reason).toBe(wanted ? undefined : 'certificate_name_mismatch');
    });
  }
});
