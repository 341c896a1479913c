// The query that is sent, and which reply belongs to it (RFC 5452 section 9.1).

import { writeEdns } from '../edns.js';
import type { Question } from '../message.js';
import { WireWriter } from '../wire.js';

const headerOctets = 12;
const recursionDesired = 0x0100;
const authenticData = 0x0020;
const checkingDisabled = 0x0010;
/** An OPT record without options. */
const optOctets = 11;
const replyBit = 0x80;
const opcodeBits = 0x78;
const truncatedBit = 0x02;
const paddingOption = 12;
const optionHeaderOctets = 4;

/** RFC 8467 section 4.1: what a query is padded to a multiple of. */
const paddingBlock = 128;

/** A query as it goes over the wire. */
export interface Query {
  readonly octets: Uint8Array;
  /** The octets of the question, behind the header. */
  readonly questionLength: number;
}

/** How a query is made, its id aside. */
export interface QueryStyle {
  readonly udpPayloadSize: number;
  /**
   * CD, so that a validating server hands over what it would hold back; without it AD is set instead, so that the
   * server says what it found (RFC 6840 section 5.7).
   */
  readonly checkingDisabled: boolean;
  /** Hides the length of the name from who watches an encrypted connection (RFC 7830). */
  readonly padded: boolean;
}

/** Makes the query with the id that it will have on its way. */
export type QueryMaker = (id: number) => Query;

/**
 * Makes a query: recursion desired; DO, so that signatures come along; CD or AD. It is written as it stands on the wire:
 * a lookup makes half a dozen before the first one is answered.
 *
 * @throws DnsError `ERR_DNS_MALFORMED` for a type or class that no field can hold
 */
export function makeQuery(question: Question, id: number, style: QueryStyle): Query {
  const questionLength = question.name.wire.length + 4;
  const bareLength = headerOctets + questionLength + optOctets;
  const over = style.padded ? (bareLength + optionHeaderOctets) % paddingBlock : 0;
  const padding = { code: paddingOption, data: new Uint8Array(over === 0 ? 0 : paddingBlock - over) };
  const writer = new WireWriter(bareLength + paddingBlock);
  writer.u16(id);
  writer.u16(recursionDesired | (style.checkingDisabled ? checkingDisabled : authenticData));
  writer.u16(1);
  writer.u16(0);
  writer.u16(0);
  writer.u16(1);
  writer.name(question.name);
  writer.u16(question.type);
  writer.u16(question.class);
  const options = style.padded ? [padding] : [];
  writeEdns(writer, { udpPayloadSize: style.udpPayloadSize, version: 0, dnssecOk: true, options }, 0);
  return { octets: writer.finish(), questionLength };
}

/** True when the octets begin as a reply to this query: its id and its question, the name in whatever case. */
export function isReplyTo(query: Query, reply: Uint8Array): boolean {
  const end = headerOctets + query.questionLength;
  if (reply.length < end) return false;
  if (reply[0] !== query.octets[0] || reply[1] !== query.octets[1]) return false;
  const flags = reply[2] ?? 0;
  if ((flags & replyBit) === 0 || (flags & opcodeBits) !== 0) return false;
  if (reply[4] !== 0 || reply[5] !== 1) return false;
  // Type and class are the last four octets, where case would mean something.
  const nameEnd = end - 4;
  for (let at = headerOctets; at < end; at++) {
    const wanted = query.octets[at] ?? 0;
    const seen = reply[at] ?? 0;
    if (seen === wanted) continue;
    const isLetter = (wanted | 0x20) >= 0x61 && (wanted | 0x20) <= 0x7a;
    if (at >= nameEnd || !isLetter || (seen | 0x20) !== (wanted | 0x20)) return false;
  }
  return true;
}

/** True when the reply says that it was cut to fit. */
export function isTruncated(reply: Uint8Array): boolean {
  return ((reply[2] ?? 0) & truncatedBit) !== 0;
}
