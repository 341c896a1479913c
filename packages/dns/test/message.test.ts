// Messages: what is decoded, what is refused, and that both directions agree.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DnsError } from '../src/error.js';
import { decodeMessage, encodeMessage, type Message } from '../src/message.js';
import { DnsName } from '../src/name.js';
import { parseRdata } from '../src/rdata/presentation.js';
import { RrClass, RrType } from '../src/rrtype.js';
import { messages } from './arbitraries.js';
import { hex } from './hex.js';

const malformed = expect.objectContaining({ code: 'ERR_DNS_MALFORMED' });

const noFlags = { qr: false, aa: false, tc: false, rd: false, ra: false, ad: false, cd: false };
const name = DnsName.parse('www.example.com');

function reply(parts: Partial<Message> = {}): Message {
  return {
    id: 0x1234,
    opcode: 0,
    flags: { ...noFlags, qr: true },
    rcode: 0,
    questions: [{ name, type: RrType.A, class: RrClass.IN }],
    answers: [],
    authorities: [],
    additionals: [],
    ...parts,
  };
}

function record(owner: DnsName, type: number, text: string, ttl = 300) {
  return { name: owner, type, class: RrClass.IN, ttl, rdata: parseRdata(type, text) };
}

/** A header with these counts, flags of a reply. */
function header(questions: number, answers: number, authorities = 0, additionals = 0): string {
  const count = (value: number) => value.toString(16).padStart(4, '0');
  return `1234 8400 ${count(questions)} ${count(answers)} ${count(authorities)} ${count(additionals)}`;
}

const question = '03777777 076578616d706c65 03636f6d 00 0001 0001';

describe('decoding', () => {
  it('reads header, question and a compressed answer', () => {
    const message = decodeMessage(hex(`${header(1, 1)} ${question} c00c 0001 0001 0000012c 0004 c0000201`));
    expect(message).toMatchObject({
      id: 0x1234,
      opcode: 0,
      rcode: 0,
      flags: { ...noFlags, qr: true, aa: true },
    });
    expect(message.questions[0]?.name.toString()).toBe('www.example.com.');
    expect(message.answers).toHaveLength(1);
    expect(message.answers[0]).toMatchObject({ type: 1, class: 1, ttl: 300, rdata: hex('c0000201') });
    expect(message.answers[0]?.name.equals(name)).toBe(true);
  });

  it('expands a compressed name in the RDATA of a type of RFC 1035', () => {
    const message = decodeMessage(
      hex(`${header(1, 1)} ${question} c00c 000f 0001 00000000 0009 000a 046d61696c c010`),
    );
    expect(message.answers[0]?.rdata).toEqual(hex('000a 046d61696c 076578616d706c65 03636f6d 00'));
  });

  it('expands names in SOA, SRV and NAPTR (RFC 3597 section 4)', () => {
    const soa = `c00c 0006 0001 00000000 0018 c010 c00c ${'00000001'.repeat(5)}`;
    const srv = 'c00c 0021 0001 00000000 0008 0001 0002 0003 c010';
    const message = decodeMessage(hex(`${header(1, 2)} ${question} ${soa} ${srv}`));
    expect(message.answers[0]?.rdata.length).toBe(13 + 17 + 20);
    expect(message.answers[1]?.rdata).toEqual(hex('0001 0002 0003 076578616d706c65 03636f6d 00'));
    const withNaptr = decodeMessage(
      hex(`${header(1, 1)} ${question} c00c 0023 0001 00000000 000c 0001 0002 0153 025859 00 c010`),
    );
    expect(withNaptr.answers[0]?.rdata).toEqual(hex('0001 0002 0153 025859 00 076578616d706c65 03636f6d 00'));
  });

  it('tells compressed from plain names even when their lengths add up to the same', () => {
    // MINFO: a pointer to a root label (one octet expanded) and one to a name of three octets.
    const owner = '0161 00';
    const message = decodeMessage(hex(`${header(0, 1)} ${owner} 000e 0001 00000000 0004 c00e c00c`));
    expect(message.answers[0]?.rdata).toEqual(hex('00 0161 00'));
  });

  it('leaves the RDATA of SVCB, DNAME and unknown types as it is', () => {
    for (const type of ['0040', '0027', 'ff00']) {
      const message = decodeMessage(hex(`${header(1, 1)} ${question} c00c ${type} 0001 00000000 0002 c00c`));
      expect(message.answers[0]?.rdata).toEqual(hex('c00c'));
    }
  });

  it('takes a TTL with the top bit set as zero (RFC 2181 section 8)', () => {
    const ttlOf = (ttl: string) =>
      decodeMessage(hex(`${header(1, 1)} ${question} c00c 0001 0001 ${ttl} 0004 c0000201`)).answers[0]?.ttl;
    expect(ttlOf('7fffffff')).toBe(0x7fffffff);
    expect(ttlOf('80000000')).toBe(0);
  });

  it('joins the twelve bits of the response code with EDNS', () => {
    const message = decodeMessage(
      hex('1234 8001 0000 0000 0000 0001 00 0029 04d0 01 00 8000 0008 000f 0004 0006 6869'),
    );
    expect(message.rcode).toBe(0x11);
    expect(message.additionals).toEqual([]);
    expect(message.edns).toEqual({
      udpPayloadSize: 1232,
      version: 0,
      dnssecOk: true,
      options: [{ code: 15, data: hex('00066869') }],
    });
  });
});

describe('refusing', () => {
  const answer = 'c00c 0001 0001 0000012c 0004 c0000201';
  const opt = '00 0029 04d0 00000000 0000';

  it.each([
    ['nothing', ''],
    ['half a header', '1234 8400 0001'],
    ['a question that is missing', header(1, 0)],
    ['an answer that is missing', `${header(1, 1)} ${question}`],
    ['RDATA that is cut off', `${header(1, 1)} ${question} ${answer.slice(0, -2)}`],
    ['octets behind the last record', `${header(1, 1)} ${question} ${answer} 00`],
    ['a second OPT record', `${header(0, 0, 0, 2)} ${opt} ${opt}`],
    ['an OPT record among the answers', `${header(0, 1)} ${opt}`],
    ['an OPT record whose owner is not the root', `${header(0, 0, 0, 1)} 0161 ${opt}`],
    ['an EDNS option that is cut off', `${header(0, 0, 0, 1)} 00 0029 04d0 00000000 0005 000f 0002 00`],
    ['an owner name that points forward', `${header(0, 1)} c00e 00 ${answer.slice(4)}`],
    ['a name that runs over its RDATA', `${header(1, 1)} ${question} c00c 0002 0001 00000000 0001 c00c`],
    [
      'octets behind the name in its RDATA',
      `${header(1, 1)} ${question} c00c 0002 0001 00000000 0003 c00c 00`,
    ],
    ['a label that runs over its RDATA', `${header(1, 1)} ${question} c00c 0002 0001 00000000 0002 0161 00`],
  ])('does not take %s', (_, octets) => {
    expect(() => decodeMessage(hex(octets))).toThrow(malformed);
  });

  it.each([
    ['the whole answer', `${header(1, 1)} ${question} ${answer}`],
    ['one OPT record', `${header(0, 0, 0, 1)} ${opt}`],
    ['a whole EDNS option', `${header(0, 0, 0, 1)} 00 0029 04d0 00000000 0006 000f 0002 0000`],
    ['a name that fills its RDATA', `${header(1, 1)} ${question} c00c 0002 0001 00000000 0002 c00c`],
  ])('takes %s', (_, octets) => {
    expect(() => decodeMessage(hex(octets))).not.toThrow();
  });

  it('does not take more than 65535 octets', () => {
    expect(() => decodeMessage(new Uint8Array(65536))).toThrow(malformed);
  });

  it('is quick about a packet full of names that are chains of pointers', () => {
    // Every name leads through a chain of its own of as many pointers as are allowed.
    const question = (at: number) => 17 + 6 * at;
    const chained = (count: number, depth: number) => {
      const octets = new Uint8Array(question(count));
      const view = new DataView(octets.buffer);
      view.setUint16(4, count + 1);
      for (let index = 0; index < count; index++) {
        view.setUint16(question(index), 0xc000 | (index % depth === 0 ? 12 : question(index - 1)));
      }
      return octets;
    };
    const startedAt = performance.now();
    expect(decodeMessage(chained(2700, 127)).questions).toHaveLength(2701);
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(() => decodeMessage(chained(2700, 200))).toThrow(malformed);
  });
});

describe('encoding', () => {
  it('compresses owner names and leaves names in RDATA alone', () => {
    const octets = encodeMessage(
      reply({
        answers: [
          record(name, RrType.CNAME, 'example.com'),
          record(DnsName.parse('example.com'), RrType.A, '192.0.2.1'),
        ],
      }),
    );
    expect(octets).toEqual(
      hex(`1234 8000 0001 0002 0000 0000 ${question} c00c 0005 0001 0000012c 000d 076578616d706c65 03636f6d 00
        c010 0001 0001 0000012c 0004 c0000201`),
    );
  });

  it('does not compress across case, which it keeps', () => {
    const upper = DnsName.parse('WWW.example.com');
    const [answer] = decodeMessage(
      encodeMessage(reply({ answers: [record(upper, RrType.A, '192.0.2.1')] })),
    ).answers;
    expect(answer?.name.toString()).toBe('WWW.example.com.');
  });

  it('points at nothing beyond the reach of a pointer', () => {
    const far = { ...record(name, 65280, '\\# 0'), rdata: new Uint8Array(0x4000) };
    const late = DnsName.parse('late.example.net');
    const message = reply({
      answers: [far, record(late, RrType.A, '192.0.2.1'), record(late, RrType.A, '192.0.2.2')],
    });
    expect(decodeMessage(encodeMessage(message))).toEqual(message);
  });

  it('answers with TC and without records when the message is too long', () => {
    const edns = { udpPayloadSize: 1232, version: 0, dnssecOk: true, options: [] };
    const message = reply({ answers: [record(name, RrType.TXT, `"${'a'.repeat(200)}"`)], edns });
    const fitting = encodeMessage(message).length;
    expect(decodeMessage(encodeMessage(message, { maxSize: fitting }))).toEqual(message);
    const truncated = decodeMessage(encodeMessage(message, { maxSize: fitting - 1 }));
    expect(truncated).toEqual({ ...message, answers: [], flags: { ...message.flags, tc: true } });
  });

  it.each([
    ['an id beyond 16 bits', reply({ id: 0x10000 })],
    ['a TTL beyond 31 bits', reply({ answers: [record(name, RrType.A, '192.0.2.1', 0x80000000)] })],
    ['a response code above 15 without EDNS', reply({ rcode: 16 })],
    ['an OPT record among the answers', reply({ answers: [record(DnsName.root, RrType.OPT, '\\# 0')] })],
    [
      'RDATA beyond 65535 octets',
      reply({ answers: [{ ...record(name, 65280, '\\# 0'), rdata: new Uint8Array(65536) }] }),
    ],
  ])('refuses %s', (_, message) => {
    expect(() => encodeMessage(message)).toThrow(malformed);
  });

  it('takes the largest id, TTL and response code', () => {
    const edns = { udpPayloadSize: 65535, version: 255, dnssecOk: false, options: [] };
    const answers = [record(name, RrType.A, '192.0.2.1', 0x7fffffff)];
    const message = reply({ id: 0xffff, rcode: 0xfff, answers, edns });
    expect(decodeMessage(encodeMessage(message))).toEqual(message);
  });
});

describe('any octets', () => {
  const decodes = (octets: Uint8Array): boolean => {
    try {
      decodeMessage(octets);
      return true;
    } catch (error) {
      if (error instanceof DnsError && error.code === 'ERR_DNS_MALFORMED') return false;
      throw error;
    }
  };

  it('are a message or an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => typeof decodes(octets) === 'boolean'),
      {
        numRuns: 2000,
      },
    );
  });

  it('are a message or an error behind a plausible header', () => {
    const tail = fc.uint8Array({ maxLength: 120 });
    const counts = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3));
    fc.assert(
      fc.property(counts, tail, (count, rest) => {
        const octets = new Uint8Array([0, 1, 0x80, 0, ...count.flatMap((value) => [0, value]), ...rest]);
        return typeof decodes(octets) === 'boolean';
      }),
      { numRuns: 2000 },
    );
  });

  it('are a message or an error when a real message is mutated', () => {
    const mutation = fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }), cut: fc.nat(8) });
    fc.assert(
      fc.property(messages, fc.array(mutation, { minLength: 1, maxLength: 4 }), (message, mutations) => {
        const octets = encodeMessage(message);
        for (const { at, value } of mutations) octets[at % octets.length] = value;
        return typeof decodes(octets.subarray(0, octets.length - (mutations[0]?.cut ?? 0))) === 'boolean';
      }),
      { numRuns: 1000 },
    );
  });

  it('that were encoded decode to an equal message, and encode to the same octets', () => {
    fc.assert(
      fc.property(messages, (message) => {
        const octets = encodeMessage(message);
        const decoded = decodeMessage(octets);
        expect(decoded).toEqual(message);
        expect(encodeMessage(decoded)).toEqual(octets);
      }),
      { numRuns: 500 },
    );
  });
});
