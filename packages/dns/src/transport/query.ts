// The query that is sent, and which reply belongs to it (RFC 5452 section 9.1).

import { encodeMessage, type Question } from '../message.js';

const headerOctets = 12;
const replyBit = 0x80;
const opcodeBits = 0x78;
const truncatedBit = 0x02;

/** A query as it goes over the wire. */
export interface Query {
  readonly octets: Uint8Array;
  /** The octets of the question, behind the header. */
  readonly questionLength: number;
}

/**
 * Makes a query: recursion desired; CD, so that a validating server hands over what it would hold back; DO, so that
 * signatures come along.
 */
export function makeQuery(question: Question, id: number, udpPayloadSize: number): Query {
  const octets = encodeMessage({
    id,
    opcode: 0,
    flags: { qr: false, aa: false, tc: false, rd: true, ra: false, ad: false, cd: true },
    rcode: 0,
    questions: [question],
    answers: [],
    authorities: [],
    additionals: [],
    edns: { udpPayloadSize, version: 0, dnssecOk: true, options: [] },
  });
  return { octets, questionLength: question.name.wire.length + 4 };
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
