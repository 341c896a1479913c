// Names as octets: RFC 1035 section 3.1 and 5.1, RFC 4034 section 6.1.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareCanonical, DnsName } from '../src/name.js';
import { ascii, hex } from './hex.js';

const label = fc.uint8Array({ minLength: 1, maxLength: 63 });
const names = fc
  .array(label, { maxLength: 8 })
  .filter((labels) => labels.reduce((sum, { length }) => sum + 1 + length, 1) <= 255)
  .map((labels) => labels.reduceRight((name, octets) => name.prepend(octets), DnsName.root));

const invalid = expect.objectContaining({ code: 'ERR_DNS_NAME_INVALID' });
const malformed = expect.objectContaining({ code: 'ERR_DNS_MALFORMED' });

describe('presentation form', () => {
  it('takes a name with and without its final dot as the same', () => {
    expect(DnsName.parse('example.com').wire).toEqual(hex('07 6578616d706c65 03 636f6d 00'));
    expect(DnsName.parse('example.com.').equals(DnsName.parse('example.com'))).toBe(true);
  });

  it('writes the root as a dot', () => {
    expect(DnsName.parse('.')).toBe(DnsName.root);
    expect(DnsName.root.toString()).toBe('.');
    expect(DnsName.root.labelCount).toBe(0);
  });

  it('reads an escaped dot and a decimal escape as octets of the label', () => {
    const name = DnsName.parse(String.raw`a\.b.\001\255c`);
    expect(name.labels.map((octets) => Array.from(octets))).toEqual([
      [0x61, 0x2e, 0x62],
      [1, 255, 0x63],
    ]);
    expect(name.toString()).toBe(String.raw`a\.b.\001\255c.`);
  });

  it('reads an escaped space, as zone files may have it', () => {
    expect(DnsName.parse(String.raw`a\ b`).toString()).toBe(String.raw`a\032b.`);
    expect(() => DnsName.parse('a b')).toThrow(expect.objectContaining({ code: 'ERR_DNS_NAME_INVALID' }));
  });

  it('escapes what means something in a zone file', () => {
    expect(DnsName.root.prepend('a"b;c@d').toString()).toBe(String.raw`a\"b\;c\@d.`);
  });

  it.each([
    ['the empty text', ''],
    ['an empty label', 'a..b'],
    ['a leading dot', '.a'],
    ['two final dots', 'a..'],
    ['a decimal escape above 255', String.raw`\256`],
    ['a decimal escape of two digits', String.raw`\25`],
    ['a backslash at the end', 'a\\'],
    ['a blank', 'a b'],
    ['a letter beyond ASCII', 'bücher.example'],
  ])('refuses %s', (_, text) => {
    expect(() => DnsName.parse(text)).toThrow(invalid);
  });

  it('takes a label of 63 octets and refuses one of 64', () => {
    expect(DnsName.parse('a'.repeat(63)).labelCount).toBe(1);
    expect(() => DnsName.parse('a'.repeat(64))).toThrow(invalid);
  });

  it('takes a name of 255 octets and refuses one of 256', () => {
    const long = `${'a'.repeat(63)}.`.repeat(3);
    expect(DnsName.parse(`${long}${'a'.repeat(61)}`).wire.length).toBe(255);
    expect(DnsName.parse(`${long}${'a'.repeat(61)}.`).wire.length).toBe(255);
    expect(() => DnsName.parse(`${long}${'a'.repeat(62)}`)).toThrow(invalid);
    expect(() => DnsName.parse(`${long}${'a'.repeat(59)}.b`)).not.toThrow();
    expect(() => DnsName.parse(`${long}${'a'.repeat(60)}.b`)).toThrow(invalid);
  });

  it('comes back from text for any octets', () => {
    fc.assert(fc.property(names, (name) => DnsName.parse(name.toString()).wire.join() === name.wire.join()));
  });
});

describe('wire form', () => {
  it('is one name and nothing else', () => {
    expect(DnsName.fromWire(hex('0161 00')).toString()).toBe('a.');
    expect(() => DnsName.fromWire(hex('0161 00 00'))).toThrow(malformed);
    expect(() => DnsName.fromWire(hex('0161'))).toThrow(malformed);
    expect(() => DnsName.fromWire(hex(''))).toThrow(malformed);
  });

  it('has no pointers and no reserved label types', () => {
    expect(() => DnsName.fromWire(hex('c000'))).toThrow(malformed);
    expect(() => DnsName.fromWire(hex('4161 00'))).toThrow(malformed);
  });

  it('is copied, so that a reused buffer does not change a name', () => {
    const wire = hex('0161 00');
    const name = DnsName.fromWire(wire);
    wire[1] = 0x62;
    expect(name.toString()).toBe('a.');
  });

  it('is copied from a Buffer too, whose own slices share memory', () => {
    const wire = Buffer.from(hex('0161 00'));
    const name = DnsName.fromWire(wire);
    wire[1] = 0x62;
    expect(name.toString()).toBe('a.');
    expect(Buffer.isBuffer(name.wire)).toBe(false);
  });
});

describe('compression', () => {
  const read = (octets: Uint8Array, offset: number) => {
    const source = { octets, offset, end: octets.length };
    return { name: DnsName.read(source, true).toString(), offset: source.offset };
  };

  it('follows a pointer backwards and goes on behind it', () => {
    expect(read(hex('0162 00 0161 c000 ff'), 3)).toEqual({ name: 'a.b.', offset: 7 });
  });

  it.each([
    ['to itself', 'c000', 0],
    ['forward', 'c002 0161 00', 0],
    ['into the labels before it', '0161 c000', 0],
    ['to a pointer that comes back', '0161 c004 c000', 4],
  ])('refuses a pointer %s', (_, octets, offset) => {
    expect(() => read(hex(octets), offset)).toThrow(/does not lead back/);
  });

  it('refuses a name that pointers make longer than 255 octets', () => {
    const label = `3f${'61'.repeat(63)}`;
    const four = hex(`${label.repeat(3)} 3d${'61'.repeat(61)} 00 0162 c000`);
    expect(() => read(four, 255)).toThrow(malformed);
    expect(read(four, 0).name).toHaveLength(254);
  });

  it('refuses a chain of more pointers than a name can use', () => {
    const chain = (length: number) => {
      const octets = [0];
      for (let at = 1; at <= length; at++)
        octets.push(0xc0 | ((at === 1 ? 0 : 2 * at - 3) >>> 8), at === 1 ? 0 : (2 * at - 3) & 0xff);
      return { octets: Uint8Array.from(octets), last: octets.length - 2 };
    };
    const allowed = chain(127);
    expect(read(allowed.octets, allowed.last).name).toBe('.');
    const refused = chain(128);
    expect(() => read(refused.octets, refused.last)).toThrow(malformed);
  });
});

describe('relations', () => {
  const name = DnsName.parse('_443._tcp.Edge1.example.com');

  it('finds equal names whatever their case', () => {
    expect(DnsName.parse('EXAMPLE.com').equals(DnsName.parse('example.COM'))).toBe(true);
    expect(DnsName.parse('EXAMPLE.com').key).toBe(DnsName.parse('example.COM').key);
    expect(DnsName.parse('example.com').equals(DnsName.parse('exbmple.com'))).toBe(false);
  });

  it('changes the case of ASCII letters alone', () => {
    const upper = DnsName.root.prepend(Uint8Array.of(0xc0, 0x41));
    expect(upper.canonicalWire()).toEqual(Uint8Array.of(2, 0xc0, 0x61, 0));
    expect(upper.wire).toEqual(Uint8Array.of(2, 0xc0, 0x41, 0));
  });

  it('counts labels, the wildcard with the others', () => {
    expect(name.labelCount).toBe(5);
    expect(DnsName.parse('*.example').labelCount).toBe(2);
    expect(DnsName.parse('*.example').isWildcard).toBe(true);
    expect(DnsName.parse('**.example').isWildcard).toBe(false);
    expect(DnsName.parse('a.*.example').isWildcard).toBe(false);
  });

  it('walks up to the root and no further', () => {
    expect(name.parent()?.toString()).toBe('_tcp.Edge1.example.com.');
    expect(DnsName.parse('com').parent()).toBe(DnsName.root);
    expect(DnsName.root.parent()).toBeUndefined();
  });

  it('cuts out an ancestor by its label count', () => {
    expect(name.ancestor(2).toString()).toBe('example.com.');
    expect(name.ancestor(5)).toBe(name);
    expect(name.ancestor(0)).toBe(DnsName.root);
    expect(() => name.ancestor(6)).toThrow(invalid);
    expect(() => name.ancestor(-1)).toThrow(invalid);
  });

  it('lies at or below a name only at a label boundary', () => {
    expect(name.isAtOrBelow(DnsName.parse('EXAMPLE.com'))).toBe(true);
    expect(name.isAtOrBelow(name)).toBe(true);
    expect(name.isAtOrBelow(DnsName.root)).toBe(true);
    expect(DnsName.parse('notexample.com').isAtOrBelow(DnsName.parse('example.com'))).toBe(false);
    // The octets of the shorter name end the longer one's, inside a label.
    const inside = DnsName.parse('com').prepend(ascii('x\x07example'));
    expect(inside.isAtOrBelow(DnsName.parse('example.com'))).toBe(false);
  });

  it('takes a prepended label as it is', () => {
    expect(DnsName.parse('example').prepend('_443').toString()).toBe('_443.example.');
    expect(DnsName.parse('example').prepend('a.b').labelCount).toBe(2);
    expect(() => DnsName.root.prepend('')).toThrow(invalid);
    expect(() => DnsName.root.prepend('a'.repeat(64))).toThrow(invalid);
    const long = DnsName.parse(`${'a'.repeat(63)}.${'a'.repeat(63)}.${'a'.repeat(63)}.${'a'.repeat(59)}`);
    expect(long.prepend('a').wire.length).toBe(255);
    expect(() => long.prepend('ab')).toThrow(invalid);
  });
});

describe('canonical order', () => {
  it('is that of the example in RFC 4034 section 6.1', () => {
    const ordered = [
      'example.',
      'a.example.',
      'yljkjljk.a.example.',
      'Z.a.example.',
      'zABC.a.EXAMPLE.',
      'z.example.',
      String.raw`\001.z.example.`,
      '*.z.example.',
      String.raw`\200.z.example.`,
    ];
    const shuffled = [4, 8, 0, 6, 2, 7, 1, 5, 3].map((index) => DnsName.parse(ordered[index] ?? ''));
    expect(shuffled.sort(compareCanonical).map(String)).toEqual(ordered);
  });

  it('puts the root first and finds equal names equal', () => {
    expect(compareCanonical(DnsName.root, DnsName.parse('a'))).toBeLessThan(0);
    expect(compareCanonical(DnsName.parse('A.b'), DnsName.parse('a.B'))).toBe(0);
  });

  it('is antisymmetric and agrees with equality', () => {
    fc.assert(
      fc.property(names, names, (a, b) => {
        const forward = Math.sign(compareCanonical(a, b));
        return forward === -Math.sign(compareCanonical(b, a)) && (forward === 0) === a.equals(b);
      }),
    );
  });
});
