// What an authoritative server answers from its zones (RFC 1034 section 4.3.2), with the proofs that a
// DNSSEC-aware client asks for (RFC 4035 section 3.1). No I/O.

import {
  DnsName,
  type Message,
  type Question,
  Rcode,
  type ResourceRecord,
  RrClass,
  RrType,
} from '@countersign/dns';
import type { SignedRrset } from './rrset.js';
import type { Zone } from './zone.js';
import type { ZoneNode, ZoneVersion } from './zone-version.js';

/** The UDP payload size that the server announces, octets (RFC 9715 section 3). */
export const udpPayloadSize = 1232;

const maxAliases = 8;
const queryOpcode = 0;

/** Sections before they are written: sets of records with the signatures beside them. */
interface Answer {
  rcode: number;
  isAuthoritative: boolean;
  readonly answers: SignedRrset[];
  readonly authorities: SignedRrset[];
}

/** Answers one query from the most specific zone; a question about DS is the parent's to answer. */
export function respond(zones: readonly Zone[], query: Message): Message {
  const [question] = query.questions;
  if (query.opcode !== queryOpcode) return refusal(query, Rcode.NOTIMP);
  if (question === undefined || query.questions.length !== 1) return refusal(query, Rcode.FORMERR);
  if ((query.edns?.version ?? 0) !== 0) return refusal(query, Rcode.BADVERS);
  if (question.class !== RrClass.IN) return refusal(query, Rcode.REFUSED);

  const answer = lookUp(zones, question);
  const withProofs = query.edns?.dnssecOk ?? false;
  const wanted = (set: SignedRrset) => withProofs || (set.type !== RrType.NSEC && set.type !== RrType.DS);
  return {
    ...refusal(query, answer.rcode),
    flags: { ...replyFlags(query), aa: answer.isAuthoritative },
    answers: answer.answers.flatMap((set) => records(set, withProofs)),
    authorities: answer.authorities.filter(wanted).flatMap((set) => records(set, withProofs)),
  };
}

/** A reply that says only why there is no answer. */
export function refusal(query: Message, rcode: number): Message {
  const edns = { udpPayloadSize, version: 0, dnssecOk: query.edns?.dnssecOk ?? false, options: [] };
  return {
    id: query.id,
    opcode: query.opcode,
    flags: replyFlags(query),
    rcode,
    questions: query.questions,
    answers: [],
    authorities: [],
    additionals: [],
    ...(query.edns === undefined ? {} : { edns }),
  };
}

function replyFlags(query: Message): Message['flags'] {
  const { rd, cd } = query.flags;
  return { qr: true, aa: false, tc: false, rd, ra: false, ad: false, cd };
}

function records(set: SignedRrset, withSignatures: boolean): ResourceRecord[] {
  const { name, ttl } = set;
  const own = set.rdata.map((rdata) => ({ name, type: set.type, class: RrClass.IN, ttl, rdata }));
  if (!withSignatures) return own;
  const rrsigs = set.signatures.map((rdata) => ({ name, type: RrType.RRSIG, class: RrClass.IN, ttl, rdata }));
  return [...own, ...rrsigs];
}

function lookUp(zones: readonly Zone[], question: Question): Answer {
  const answer: Answer = { rcode: Rcode.NOERROR, isAuthoritative: true, answers: [], authorities: [] };
  const seen = new Set<string>();
  let target: DnsName | undefined = question.name;
  while (target !== undefined && !seen.has(target.key) && seen.size <= maxAliases) {
    const zone: ZoneVersion | undefined = zoneFor(zones, target, question.type)?.current();
    if (zone === undefined && seen.size === 0)
      return { ...answer, rcode: Rcode.REFUSED, isAuthoritative: false };
    seen.add(target.key);
    target = zone === undefined ? undefined : lookUpIn(zone, target, question.type, answer);
  }
  return answer;
}

function zoneFor(zones: readonly Zone[], name: DnsName, type: number): Zone | undefined {
  const holding = zones
    .filter((zone) => name.isAtOrBelow(zone.origin))
    .sort((a, b) => b.origin.labelCount - a.origin.labelCount);
  const parent = type === RrType.DS ? holding.find((zone) => !zone.origin.equals(name)) : undefined;
  return parent ?? holding[0];
}

/** Adds one zone's answer; returns the name that an alias leads to. */
function lookUpIn(zone: ZoneVersion, name: DnsName, type: number, answer: Answer): DnsName | undefined {
  const delegation = zone.delegation(name);
  if (delegation !== undefined && !(type === RrType.DS && delegation.name.equals(name))) {
    refer(delegation, answer);
    return undefined;
  }
  const node = zone.node(name);
  if (node !== undefined) return answerFrom(zone, node, name, type, answer);
  if (zone.exists(name)) {
    deny(zone, [name], answer);
    return undefined;
  }
  const wildcardName = zone.closestEncloser(name).prepend('*');
  const wildcard = zone.node(wildcardName);
  if (wildcard !== undefined) {
    const next = answerFrom(zone, wildcard, name, type, answer);
    // That no closer name exists has to be proven beside the expanded answer (RFC 4035 section 3.1.3.3).
    addProofs(zone, [name], answer);
    return next;
  }
  answer.rcode = Rcode.NXDOMAIN;
  deny(zone, [name, wildcardName], answer);
  return undefined;
}

function answerFrom(
  zone: ZoneVersion,
  node: ZoneNode,
  name: DnsName,
  type: number,
  answer: Answer,
): DnsName | undefined {
  const alias = type === RrType.CNAME ? undefined : node.rrsets.get(RrType.CNAME);
  const set = select(node, type) ?? alias;
  if (set === undefined) {
    deny(zone, [node.name], answer);
    return undefined;
  }
  answer.answers.push({ ...set, name });
  const [rdata] = set === alias ? set.rdata : [];
  return rdata === undefined ? undefined : DnsName.fromWire(rdata);
}

function select(node: ZoneNode, type: number): SignedRrset | undefined {
  const sets = [...node.rrsets.values()];
  // One set will do for ANY (RFC 8482 section 4.1).
  if (type === RrType.ANY) return sets[0];
  if (type !== RrType.RRSIG) return node.rrsets.get(type);
  const rdata = sets.flatMap((set) => set.signatures);
  return rdata.length === 0
    ? undefined
    : { name: node.name, type, ttl: Math.min(...sets.map((set) => set.ttl)), rdata, signatures: [] };
}

function refer(delegation: ZoneNode, answer: Answer): void {
  if (answer.answers.length === 0) answer.isAuthoritative = false;
  const ns = delegation.rrsets.get(RrType.NS);
  const proof = delegation.rrsets.get(RrType.DS) ?? delegation.rrsets.get(RrType.NSEC);
  if (ns !== undefined) answer.authorities.push(ns);
  if (proof !== undefined) answer.authorities.push(proof);
}

function deny(zone: ZoneVersion, names: readonly DnsName[], answer: Answer): void {
  const soa = zone.node(zone.origin)?.rrsets.get(RrType.SOA);
  if (soa !== undefined) answer.authorities.push(soa);
  addProofs(zone, names, answer);
}

function addProofs(zone: ZoneVersion, names: readonly DnsName[], answer: Answer): void {
  for (const name of names) {
    const proof = zone.proof(name);
    if (proof !== undefined && !answer.authorities.includes(proof)) answer.authorities.push(proof);
  }
}
