// A signed tree in memory: root, example., acme.example. and an unsigned island, answered without sockets, with a
// place for a man in the middle.

import { respond, Zone } from '@countersign/lab';
import type { TrustAnchor } from '../../src/dnssec/anchors.js';
import { decodeMessage, encodeMessage, type Message, type Question } from '../../src/message.js';
import { DnsName } from '../../src/name.js';
import { parseDs } from '../../src/rdata/ds.js';
import { parseRdata } from '../../src/rdata/presentation.js';
import type { ResourceRecord } from '../../src/record.js';
import { createResolver, type ResolverOptions } from '../../src/resolver.js';
import { RrClass, RrType } from '../../src/rrtype.js';
import type { Exchange } from '../../src/transport/exchange.js';

/** The moment at which the tree is signed, milliseconds since the epoch. */
export const signedAt = Date.UTC(2026, 0, 15, 12);

/** Changes a reply on its way. */
export type Tamper = (reply: Message, question: Question) => Message;

export interface Tree {
  readonly root: Zone;
  readonly example: Zone;
  readonly acme: Zone;
  readonly island: Zone;
  readonly anchors: readonly TrustAnchor[];
  /** Questions asked so far, as `name TYPE`. */
  readonly asked: string[];
  tamper: Tamper;
  /** A further zone, which no delegation leads to yet. */
  addZone(origin: string): Zone;
  /** Answers without sockets. */
  readonly exchange: Exchange;
  resolver(options?: ResolverOptions): ReturnType<typeof createResolver>;
}

export const rdata = (type: number, text: string): Uint8Array => parseRdata(type, text);

export function createTree(): Tree {
  let now = signedAt;
  const options = { nameserver: 'ns.example', clock: () => now };
  const root = new Zone('.', options);
  const example = new Zone('example', options);
  const acme = new Zone('acme.example', options);
  const island = new Zone('island.example', { ...options, signed: false });
  const zones = [root, example, acme, island];
  root.delegate(example);
  example.delegate(acme);
  example.delegate(island);
  example.set('ns.example', RrType.A, [rdata(RrType.A, '192.0.2.53')]);
  acme.set('www.acme.example', RrType.A, [rdata(RrType.A, '192.0.2.1')]);
  acme.set('alias.acme.example', RrType.CNAME, [rdata(RrType.CNAME, 'www.acme.example.')]);
  acme.set('out.acme.example', RrType.CNAME, [rdata(RrType.CNAME, 'www.island.example.')]);
  acme.set('*.wild.acme.example', RrType.TXT, [rdata(RrType.TXT, '"expanded"')]);
  acme.set('deep.empty.acme.example', RrType.A, [rdata(RrType.A, '192.0.2.2')]);
  island.set('www.island.example', RrType.A, [rdata(RrType.A, '192.0.2.9')]);

  const tree: Tree = {
    root,
    example,
    acme,
    island,
    anchors: [{ zone: DnsName.root, ds: root.ds.map(parseDs) }],
    asked: [],
    tamper: (reply) => reply,
    addZone(origin) {
      const zone = new Zone(origin, options);
      zones.push(zone);
      return zone;
    },
    exchange: async (question) => {
      const text = `${question.name} ${question.type}`;
      tree.asked.push(text);
      // Zones sign by the same clock whatever the resolver's says.
      now = signedAt;
      const reply = tree.tamper(respond(zones, queryFor(question)), question);
      return decodeMessage(encodeMessage(reply));
    },
    resolver: (given = {}) =>
      createResolver({
        anchors: tree.anchors,
        clock: () => signedAt,
        exchange: tree.exchange,
        ...given,
      }),
  };
  return tree;
}

/** Records of a zone with their signatures, as they stand in an answer. */
export function signedRecords(zone: Zone, owner: string, type: number): readonly ResourceRecord[] {
  const set = zone.current().node(DnsName.parse(owner))?.rrsets.get(type);
  if (set === undefined) throw new Error(`no such records in the zone: ${owner} ${type}`);
  const { name, ttl } = set;
  const all = (of: number, octets: readonly Uint8Array[]) =>
    octets.map((one) => ({ name, type: of, class: RrClass.IN, ttl, rdata: one }));
  return [...all(type, set.rdata), ...all(RrType.RRSIG, set.signatures)];
}

function queryFor(question: Question): Message {
  return {
    id: 1,
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

/** Changes every record of the answer and authority sections; undefined takes one away. */
export function mapRecords(
  reply: Message,
  change: (record: ResourceRecord) => ResourceRecord | undefined,
): Message {
  const all = (records: readonly ResourceRecord[]) => records.flatMap((record) => change(record) ?? []);
  return { ...reply, answers: all(reply.answers), authorities: all(reply.authorities) };
}
