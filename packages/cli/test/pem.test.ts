// The certificates of a PEM file.

import { describe, expect, it } from 'vitest';
import { certificatesOf } from '../src/pem.js';

const block = (body: string) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;

describe('a PEM file', () => {
  it('gives its certificates in order, whatever stands between them', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
    const der = certificatesOf(`leaf:\r\n${block('AQID')}${key}${block('BAUG\nBwgJ')}`, 'f');
    expect(der.map((octets) => [...octets])).toEqual([
      [1, 2, 3],
      [4, 5, 6, 7, 8, 9],
    ]);
  });

  it.each([
    ['nothing', ''],
    ['a block without its end', '-----BEGIN CERTIFICATE-----\nAQID\n'],
    ['a block without its end before a whole one', `-----BEGIN CERTIFICATE-----\nAQID\n${block('AQID')}`],
    ['an empty block', block('')],
    ['what is no base64', block('A?ID')],
    ['base64 that breaks off', block('AQI')],
  ])('is refused with %s', (_, text) => {
    expect(() => certificatesOf(text, 'f')).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
  });
});
