// RRSIG: fields and times (RFC 4034 section 3).

import { describe, expect, it } from 'vitest';
import { DnsName } from '../../src/name.js';
import { formatRdata, parseRdata } from '../../src/rdata/presentation.js';
import { encodeRrsig, parseRrsig } from '../../src/rdata/rrsig.js';
import { RrType } from '../../src/rrtype.js';
import { hex } from '../hex.js';
import { invalid, malformed } from './rejects.js';

const text = 'A 5 3 86400 20030322173103 20030220173103 2642 example.com. AQID';

describe('RRSIG', () => {
  it('has the fields of the example in RFC 4034 section 3.3', () => {
    const rrsig = parseRrsig(parseRdata(RrType.RRSIG, text));
    expect(rrsig).toMatchObject({
      typeCovered: RrType.A,
      algorithm: 5,
      labels: 3,
      originalTtl: 86400,
      expiration: Date.UTC(2003, 2, 22, 17, 31, 3) / 1000,
      inception: Date.UTC(2003, 1, 20, 17, 31, 3) / 1000,
      keyTag: 2642,
      signature: hex('010203'),
    });
    expect(rrsig.signer.toString()).toBe('example.com.');
    expect(parseRrsig(encodeRrsig(rrsig))).toEqual(rrsig);
    expect(formatRdata(RrType.RRSIG, encodeRrsig(rrsig))).toBe(text);
  });

  it('reads times in seconds as well', () => {
    const seconds = text.replace('20030322173103', '4294967295').replace('20030220173103', '0');
    expect(parseRrsig(parseRdata(RrType.RRSIG, seconds))).toMatchObject({
      expiration: 0xffffffff,
      inception: 0,
    });
    expect(formatRdata(RrType.RRSIG, parseRdata(RrType.RRSIG, seconds))).toContain(
      ' 21060207062815 19700101000000 ',
    );
  });

  it('reads years before 1970 and after 2106 as serial numbers (section 3.1.5)', () => {
    const read = (time: string) =>
      parseRrsig(parseRdata(RrType.RRSIG, text.replace('20030322173103', time))).expiration;
    expect(read('19691231235959')).toBe(0xffffffff);
    expect(read('21060207062815')).toBe(0xffffffff);
    expect(read('21060207062816')).toBe(0);
  });

  it.each(['20030322173160', '20030230173103', '4294967296', 'tomorrow'])(
    'does not take %s for a time',
    (time) => {
      expect(() => parseRdata(RrType.RRSIG, text.replace('20030322173103', time))).toThrow(invalid);
    },
  );

  it('has no compressed signer', () => {
    const fixed = '0001 05 03 00015180 3e7ca0b7 3e5510b7 0a52';
    expect(() => parseRrsig(hex(`${fixed} c000 01`))).toThrow(malformed);
    expect(parseRrsig(hex(`${fixed} 0161 00 01`)).signer.equals(DnsName.parse('a'))).toBe(true);
    expect(() => parseRrsig(hex(fixed))).toThrow(malformed);
  });
});
