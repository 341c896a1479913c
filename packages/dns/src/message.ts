// A DNS message: octets to a typed value and back (RFC 1035 section 4, EDNS by RFC 6891). Decoding is strict:
// what is cut off, loops, or leaves octets behind is an error, and its cost is bounded by the octets given.

import { type Edns, readEdns, writeEdns } from './edns.js';
import { malformed } from './error.js';
import type { DnsName } from './name.js';
import { readRdata } from './rdata/layout.js';
import type { ResourceRecord } from './record.js';
import { RrType } from './rrtype.js';
import { WireReader, WireWriter } from './wire.js';

/** What is asked. */
export interface Question {
  readonly name: DnsName;
  readonly type: number;
  readonly class: number;
}

/** The header's bits (RFC 1035 section 4.1.1, RFC 4035 section 3). */
export interface Flags {
  readonly qr: boolean;
  readonly aa: boolean;
  readonly tc: boolean;
  readonly rd: boolean;
  readonly ra: boolean;
  readonly ad: boolean;
  readonly cd: boolean;
}

/** A DNS message. */
export interface Message {
  readonly id: number;
  readonly opcode: number;
  readonly flags: Flags;
  /** All twelve bits: the header's four and, with EDNS, the upper eight. */
  readonly rcode: number;
  readonly questions: readonly Question[];
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  /** Without the OPT record, which is `edns`. */
  readonly additionals: readonly ResourceRecord[];
  readonly edns?: Edns;
}

/** How `encodeMessage` writes. */
export interface EncodeOptions {
  /** The most octets; a longer message loses its records and gets the TC bit. Default 65535. */
  readonly maxSize?: number;
}

const maxMessageOctets = 65535;
const maxTtl = 0x7fffffff;

const bits = { qr: 0x8000, aa: 0x0400, tc: 0x0200, rd: 0x0100, ra: 0x0080, ad: 0x0020, cd: 0x0010 } as const;

/**
 * Decodes one whole message. RDATA are views of the octets, which are not to be modified afterwards.
 *
 * @throws DnsError `ERR_DNS_MALFORMED` for anything that is not exactly one message
 */
export function decodeMessage(octets: Uint8Array): Message {
  if (octets.length > maxMessageOctets) throw malformed('a message is at most 65535 octets');
  const reader = new WireReader(octets);
  const id = reader.u16();
  const header = reader.u16();
  const counts = { questions: reader.u16(), answers: reader.u16(), authorities: reader.u16() };
  const additionalCount = reader.u16();

  const questions: Question[] = [];
  for (let count = counts.questions; count > 0; count--) {
    questions.push({ name: reader.compressedName(), type: reader.u16(), class: reader.u16() });
  }
  const answers = readSection(reader, counts.answers);
  const authorities = readSection(reader, counts.authorities);
  const additionals: ResourceRecord[] = [];
  let opt: ReturnType<typeof readEdns> | undefined;
  for (let count = additionalCount; count > 0; count--) {
    const record = readRecord(reader);
    if (record.type !== RrType.OPT) {
      additionals.push(record);
      continue;
    }
    // RFC 6891 section 6.1.1: more than one is a format error.
    if (opt !== undefined) throw malformed('more than one OPT record');
    opt = readEdns(record);
  }
  reader.finish('the message');

  // Built in two steps: a spread would be a fifth of the cost of a small message.
  const message: Omit<Message, 'edns'> & { edns?: Edns } = {
    id,
    opcode: (header >>> 11) & 0xf,
    flags: {
      qr: (header & bits.qr) !== 0,
      aa: (header & bits.aa) !== 0,
      tc: (header & bits.tc) !== 0,
      rd: (header & bits.rd) !== 0,
      ra: (header & bits.ra) !== 0,
      ad: (header & bits.ad) !== 0,
      cd: (header & bits.cd) !== 0,
    },
    rcode: ((opt?.extendedRcode ?? 0) << 4) | (header & 0xf),
    questions,
    answers,
    authorities,
    additionals,
  };
  if (opt !== undefined) message.edns = opt.edns;
  return message;
}

/**
 * Encodes a message; owner names are compressed, names in RDATA are not. The result decodes to an equal message.
 *
 * @throws DnsError `ERR_DNS_MALFORMED` for a value that no field can hold
 */
export function encodeMessage(message: Message, options: EncodeOptions = {}): Uint8Array {
  const octets = write(message, false);
  return octets.length > Math.min(options.maxSize ?? maxMessageOctets, maxMessageOctets)
    ? write(message, true)
    : octets;
}

function readSection(reader: WireReader, count: number): ResourceRecord[] {
  const records: ResourceRecord[] = [];
  for (let left = count; left > 0; left--) {
    const record = readRecord(reader);
    if (record.type === RrType.OPT) throw malformed('an OPT record outside the additional section');
    records.push(record);
  }
  return records;
}

function readRecord(reader: WireReader): ResourceRecord {
  const name = reader.compressedName();
  const type = reader.u16();
  const rrClass = reader.u16();
  const ttl = reader.u32();
  const rdata = readRdata(reader, type, reader.u16());
  // RFC 2181 section 8: a TTL with the top bit set is taken as zero. The field of OPT is no TTL.
  return { name, type, class: rrClass, ttl: ttl > maxTtl && type !== RrType.OPT ? 0 : ttl, rdata };
}

function write(message: Message, truncated: boolean): Uint8Array {
  const { flags, edns } = message;
  if (message.rcode > 0xf && edns === undefined) throw malformed('a response code above 15 needs EDNS');
  const answers = truncated ? [] : message.answers;
  const authorities = truncated ? [] : message.authorities;
  const additionals = truncated ? [] : message.additionals;

  const writer = new WireWriter();
  writer.u16(message.id);
  writer.u16(
    (flags.qr ? bits.qr : 0) |
      (within(message.opcode, 0xf, 'opcode') << 11) |
      (flags.aa ? bits.aa : 0) |
      (flags.tc || truncated ? bits.tc : 0) |
      (flags.rd ? bits.rd : 0) |
      (flags.ra ? bits.ra : 0) |
      (flags.ad ? bits.ad : 0) |
      (flags.cd ? bits.cd : 0) |
      (within(message.rcode, 0xfff, 'response code') & 0xf),
  );
  writer.u16(message.questions.length);
  writer.u16(answers.length);
  writer.u16(authorities.length);
  writer.u16(additionals.length + (edns ? 1 : 0));
  for (const question of message.questions) {
    writer.compressedName(question.name);
    writer.u16(question.type);
    writer.u16(question.class);
  }
  for (const section of [answers, authorities, additionals]) {
    for (const record of section) writeRecord(writer, record);
  }
  if (edns !== undefined) writeEdns(writer, edns, message.rcode >>> 4);
  return writer.finish();
}

function writeRecord(writer: WireWriter, record: ResourceRecord): void {
  if (record.type === RrType.OPT) throw malformed('an OPT record among the others: it belongs in `edns`');
  writer.compressedName(record.name);
  writer.u16(record.type);
  writer.u16(record.class);
  writer.u32(within(record.ttl, maxTtl, 'TTL'));
  writer.u16(record.rdata.length);
  writer.bytes(record.rdata);
}

function within(value: number, most: number, what: string): number {
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw malformed(`the ${what} is ${value}, not an integer from 0 to ${most}`);
}
