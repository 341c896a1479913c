// The physical floor of validation: the signatures of some replies with their octets laid out and their keys
// imported, so that nothing is left to do but `crypto.verify`.

import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import {
  canonicalRdata,
  DnsName,
  decodeMessage,
  keyTag,
  type Message,
  parseDnskey,
  parseRrsig,
  type Question,
  type ResourceRecord,
  RrClass,
  RrType,
} from '@countersign/dns';
import { ask } from './tree.js';

/** One signature, ready to be checked. */
export interface BareCheck {
  readonly data: Uint8Array;
  readonly key: { readonly key: KeyObject; readonly dsaEncoding: 'ieee-p1363' };
  readonly signature: Uint8Array;
}

/** Checks signatures; throws when one is wrong, because then something else was measured than validation. */
export function verifyAll(checks: readonly BareCheck[]): void {
  for (const { data, key, signature } of checks) {
    if (!verify('sha256', data, key, signature)) throw new Error('A signature of the tree is wrong');
  }
}

/** The questions whose answers hold the six signatures from the root down to a host's address. */
export function chainQuestions(host: DnsName): readonly Question[] {
  const acme = host.ancestor(2);
  const example = host.ancestor(1);
  return [
    ask(DnsName.root, RrType.DNSKEY),
    ask(example, RrType.DS),
    ask(example, RrType.DNSKEY),
    ask(acme, RrType.DS),
    ask(acme, RrType.DNSKEY),
    ask(host, RrType.A),
  ];
}

/** The signature over the answer to each of these questions, with the keys of the chain. */
export function bareChecks(
  replies: (question: Question) => Uint8Array,
  host: DnsName,
  questions: readonly Question[],
): readonly BareCheck[] {
  const keys = new Map<string, KeyObject>();
  for (const question of chainQuestions(host)) {
    if (question.type !== RrType.DNSKEY) continue;
    for (const { name, type, rdata } of decodeMessage(replies(question)).answers) {
      if (type === RrType.DNSKEY) keys.set(`${name} ${keyTag(rdata)}`, importKey(rdata));
    }
  }
  return questions.map((question) => bareCheck(decodeMessage(replies(question)), question, keys));
}

function bareCheck(reply: Message, question: Question, keys: ReadonlyMap<string, KeyObject>): BareCheck {
  const records = reply.answers.filter(({ type }) => type === question.type);
  const [rrsig] = reply.answers.filter(({ type }) => type === RrType.RRSIG);
  if (rrsig === undefined) throw new Error(`The answer for ${question.name} is not signed`);
  const { signer, keyTag: tag, signature } = parseRrsig(rrsig.rdata);
  const key = keys.get(`${signer} ${tag}`);
  if (key === undefined) throw new Error(`No key ${tag} of ${signer}`);
  return {
    data: Buffer.concat([
      rrsig.rdata.subarray(0, rrsig.rdata.length - signature.length),
      ...records.map(signedForm).sort(Buffer.compare),
    ]),
    key: { key, dsaEncoding: 'ieee-p1363' },
    signature,
  };
}

// RFC 4034 section 6. Owners of one RRset are equal, so whole records sort as their RDATA do where these have
// one length, as here.
function signedForm({ name, type, ttl, rdata }: ResourceRecord): Buffer {
  const header = Buffer.alloc(10);
  header.writeUInt16BE(type, 0);
  header.writeUInt16BE(RrClass.IN, 2);
  header.writeUInt32BE(ttl, 4);
  header.writeUInt16BE(rdata.length, 8);
  return Buffer.concat([name.canonicalWire(), header, canonicalRdata(type, rdata)]);
}

function importKey(rdata: Uint8Array): KeyObject {
  const { publicKey } = parseDnskey(rdata);
  const coordinate = (from: number) => Buffer.from(publicKey.slice(from, from + 32)).toString('base64url');
  return createPublicKey({
    key: { kty: 'EC', crv: 'P-256', x: coordinate(0), y: coordinate(32) },
    format: 'jwk',
  });
}
