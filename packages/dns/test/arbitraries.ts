// Messages and names of every kind, for property tests.

import fc from 'fast-check';
import type { Message } from '../src/message.js';
import { DnsName } from '../src/name.js';
import { rdataLayout } from '../src/rdata/layout.js';
import type { ResourceRecord } from '../src/record.js';
import { RrType } from '../src/rrtype.js';

const label = fc.oneof(
  fc
    .constantFrom('example', 'EXAMPLE', 'com', 'a', '*', '_tcp')
    .map((text) => new Uint8Array(Buffer.from(text))),
  fc.uint8Array({ minLength: 1, maxLength: 20 }),
);

export const names: fc.Arbitrary<DnsName> = fc
  .array(label, { maxLength: 6 })
  .map((labels) => labels.reduceRight((name, octets) => name.prepend(octets), DnsName.root));

const u16 = fc.integer({ min: 0, max: 0xffff });
const octets = fc.uint8Array({ maxLength: 40 });

// Types whose names a decoder looks into get RDATA that has them; all others any octets.
const typeAndRdata = fc
  .record({
    type: fc.oneof(fc.constantFrom(...Object.values(RrType)), u16),
    octets,
    name: names,
    other: names,
  })
  .filter(({ type }) => type !== RrType.OPT)
  .map(({ type, octets, name, other }) => {
    const layout = rdataLayout(type);
    if (layout === undefined) return { type, rdata: octets };
    const parts: Uint8Array[] = [new Uint8Array(layout.prefix), new Uint8Array(layout.strings)];
    for (let left = layout.names; left > 0; left--) parts.push(left === 1 ? name.wire : other.wire);
    parts.push(layout.tail === 'rest' ? octets : new Uint8Array(layout.tail));
    return { type, rdata: new Uint8Array(Buffer.concat(parts)) };
  });

export const records: fc.Arbitrary<ResourceRecord> = fc
  .record({ name: names, class: u16, ttl: fc.integer({ min: 0, max: 0x7fffffff }), typeAndRdata })
  .map(({ typeAndRdata, ...record }) => ({ ...record, ...typeAndRdata }));

const sections = fc.array(records, { maxLength: 4 });

export const messages: fc.Arbitrary<Message> = fc
  .record({
    id: u16,
    opcode: fc.integer({ min: 0, max: 15 }),
    flags: fc.record({
      qr: fc.boolean(),
      aa: fc.boolean(),
      tc: fc.boolean(),
      rd: fc.boolean(),
      ra: fc.boolean(),
      ad: fc.boolean(),
      cd: fc.boolean(),
    }),
    rcode: fc.integer({ min: 0, max: 0xfff }),
    questions: fc.array(fc.record({ name: names, type: u16, class: u16 }), { maxLength: 2 }),
    answers: sections,
    authorities: sections,
    additionals: sections,
    edns: fc.option(
      fc.record({
        udpPayloadSize: u16,
        version: fc.integer({ min: 0, max: 255 }),
        dnssecOk: fc.boolean(),
        options: fc.array(fc.record({ code: u16, data: octets }), { maxLength: 3 }),
      }),
    ),
  })
  .map(({ edns, ...message }) =>
    edns === null ? { ...message, rcode: message.rcode & 0xf } : { ...message, edns },
  );
