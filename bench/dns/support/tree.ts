// The signed tree that is measured on, ECDSA P-256 throughout: root, example. and acme.example. with as many hosts
// as a measure wants, and the unsigned island.example. Three zones, so six signatures from the root to an answer.

import {
  DnsName,
  decodeMessage,
  type Exchange,
  encodeMessage,
  type Message,
  parseDs,
  parseRdata,
  type Question,
  RrClass,
  RrType,
  type TrustAnchor,
} from '@countersign/dns';
import { respond, Zone } from '@countersign/lab';

/** The zones and what a validator must be told about them. */
export interface Tree {
  readonly zones: readonly Zone[];
  /** RDATA of the root's DS. */
  readonly rootDs: Uint8Array;
  readonly anchors: readonly TrustAnchor[];
  /** `host0.acme.example.` and so on, one A record each. */
  readonly hosts: readonly DnsName[];
}

export function createTree(hostCount: number): Tree {
  const options = { nameserver: 'ns.example', ttl: 3600 };
  const root = new Zone('.', options);
  const example = new Zone('example', options);
  const acme = new Zone('acme.example', options);
  const island = new Zone('island.example', { ...options, signed: false });
  root.delegate(example);
  example.delegate(acme);
  example.delegate(island);
  example.set('ns.example', RrType.A, [parseRdata(RrType.A, '192.0.2.53')]);
  const hosts = hostNames(hostCount);
  for (const host of hosts) acme.set(host, RrType.A, [parseRdata(RrType.A, '192.0.2.1')]);
  const [rootDs] = root.ds;
  if (rootDs === undefined) throw new Error('The root has no key');
  return {
    zones: [root, example, acme, island],
    rootDs,
    anchors: [{ zone: DnsName.root, ds: [parseDs(rootDs)] }],
    hosts,
  };
}

/** The names of a tree's hosts. */
export function hostNames(count: number): readonly DnsName[] {
  return Array.from({ length: count }, (_, index) => DnsName.parse(`host${index}.acme.example`));
}

/** The octets of a query as a validator sends it. */
export function queryFor(question: Question, id = 1): Uint8Array {
  return encodeMessage(validatorsQuery(question, id));
}

/** A tree's replies as octets, each made once. */
export function createReplies(tree: Tree): (question: Question) => Uint8Array {
  const replies = new Map<string, Uint8Array>();
  return (question) => {
    const key = `${question.type} ${question.name.key}`;
    const known = replies.get(key);
    if (known !== undefined) return known;
    const reply = encodeMessage(respond(tree.zones, validatorsQuery(question, 1)));
    replies.set(key, reply);
    return reply;
  };
}

/** An exchange that has every answer in memory: what is left of it is the decoding. */
export function inMemory(replies: (question: Question) => Uint8Array): Exchange {
  return async (question) => decodeMessage(replies(question));
}

/** A question of class IN. */
export function ask(name: DnsName, type: number): Question {
  return { name, type, class: RrClass.IN };
}

function validatorsQuery(question: Question, id: number): Message {
  return {
    id,
    opcode: 0,
    flags: { qr: false, aa: false, tc: false, rd: true, ra: false, ad: false, cd: true },
    rcode: 0,
    questions: [question],
    answers: [],
    authorities: [],
    additionals: [],
    edns: { udpPayloadSize: 1232, version: 0, dnssecOk: true, options: [] },
  };
}
