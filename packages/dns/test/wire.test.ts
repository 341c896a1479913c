// Octets in network order, within bounds.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DnsName } from '../src/name.js';
import { WireReader, WireWriter } from '../src/wire.js';
import { hex } from './hex.js';

const malformed = expect.objectContaining({ code: 'ERR_DNS_MALFORMED' });

describe('WireReader', () => {
  it('reads in network order', () => {
    const reader = new WireReader(hex('01 0203 ff000001 aabb'));
    expect([reader.u8(), reader.u16(), reader.u32()]).toEqual([1, 0x0203, 0xff000001]);
    expect(reader.rest()).toEqual(hex('aabb'));
    expect(() => reader.finish('this')).not.toThrow();
  });

  it.each([
    ['an octet', (reader: WireReader) => reader.u8(), 1],
    ['two octets', (reader: WireReader) => reader.u16(), 2],
    ['four octets', (reader: WireReader) => reader.u32(), 4],
    ['a run of octets', (reader: WireReader) => reader.bytes(7), 7],
  ])('refuses %s beyond the end', (_, read, size) => {
    expect(() => read(new WireReader(new Uint8Array(size)))).not.toThrow();
    expect(() => read(new WireReader(new Uint8Array(size - 1)))).toThrow(malformed);
  });

  it('refuses what is left over', () => {
    expect(() => new WireReader(hex('00')).finish('this')).toThrow(malformed);
  });

  it('hands out plain arrays for a Buffer', () => {
    expect(Buffer.isBuffer(new WireReader(Buffer.from('ab')).rest())).toBe(false);
  });
});

describe('WireWriter', () => {
  it('grows as needed and writes what a reader reads', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xffffffff), { maxLength: 50 }), (values) => {
        const writer = new WireWriter(1);
        for (const value of values) writer.u32(value);
        const reader = new WireReader(writer.finish());
        return values.every((value) => reader.u32() === value) && reader.remaining === 0;
      }),
    );
  });

  it('compresses a name at the longest suffix that stands already', () => {
    const writer = new WireWriter();
    for (const text of ['a.b.c', 'x.b.c', 'b.c', '.']) writer.compressedName(DnsName.parse(text));
    expect(writer.finish()).toEqual(hex('0161 0162 0163 00 0178 c002 c002 00'));
  });
});

describe('numbers beyond their field', () => {
  it.each([
    ['u8', 0xff],
    ['u16', 0xffff],
    ['u32', 0xffffffff],
  ] as const)('are refused by %s', (width, most) => {
    expect(() => new WireWriter()[width](most)).not.toThrow();
    for (const value of [most + 1, -1, 0.5, Number.NaN]) {
      expect(() => new WireWriter()[width](value)).toThrow(malformed);
    }
  });
});
