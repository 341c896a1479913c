// Mutated DNS packets: real ones of a signed zone, changed as an attacker or a broken line would, through the
// message decoder and every RDATA parser. What the parsers may do with them is decode or throw a DnsError.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  canonicalRdata,
  DnsError,
  DnsName,
  decodeMessage,
  decodeSvcParams,
  encodeMessage,
  formatRdata,
  keyTag,
  type Message,
  parseCaa,
  parseDnskey,
  parseDs,
  parseNaptr,
  parseNsec,
  parseNsec3,
  parseRdata,
  parseRrsig,
  parseSvcb,
  parseTlsa,
  RrClass,
  RrType,
} from '@countersign/dns';
import { respond, Zone } from '@countersign/lab';

export interface FuzzOptions {
  readonly packets: number;
  /** The same seed gives the same packets. */
  readonly seed: number;
}

export interface FuzzReport {
  readonly decoded: number;
  readonly refused: number;
  /** Records of decoded packets, each through the parsers. */
  readonly records: number;
  readonly slowestMs: number;
  /** Live memory (heap and buffers) after the last packet less that after a tenth of them, octets. */
  readonly growthOctets: number;
}

const zoneRecords: readonly (readonly [owner: string, type: number, ...texts: string[]])[] = [
  ['www.acme.example', RrType.A, '192.0.2.1', '192.0.2.2'],
  ['www.acme.example', RrType.AAAA, '2001:db8::1'],
  ['_443._tcp.www.acme.example', RrType.TLSA, `3 1 1 ${'ab'.repeat(32)}`, `3 1 1 ${'cd'.repeat(32)}`],
  ['mail.acme.example', RrType.MX, '10 www.acme.example.'],
  ['_sip.acme.example', RrType.SRV, '1 2 5060 www.acme.example.'],
  ['enum.acme.example', RrType.NAPTR, '100 10 "u" "E2U+sip" "!^.*$!sip:a@acme.example!" .'],
  ['acme.example', RrType.CAA, '128 issue "ca.example; account=1"'],
  ['text.acme.example', RrType.TXT, String.raw`"agents=a:mcp" "" "\000\255"`, `"${'x'.repeat(255)}"`],
  ['alias.acme.example', RrType.CNAME, 'www.acme.example.'],
  ['tree.acme.example', RrType.DNAME, 'www.acme.example.'],
  ['hashed.acme.example', RrType.NSEC3PARAM, '1 0 5 aabb'],
  ['hashed.acme.example', RrType.NSEC3, '1 1 0 aabb ck0pojmg874ljref7efn8430qvit8bsm A CAA TYPE65280 RRSIG'],
  ['unknown.acme.example', 65280, String.raw`\# 4 0a000001`],
  [
    'agent.acme.example',
    RrType.SVCB,
    '0 other.acme.example.',
    '1 www.acme.example. mandatory=alpn,port,bap alpn=h2,mcp port=443 ipv4hint=192.0.2.1 ipv6hint=2001:db8::1 ech=AEA= ' +
      'cap="https://acme.example/cap.json" bap="mcp=2025-06-18" well-known="agent.json"',
  ],
  ['agent.acme.example', RrType.HTTPS, '1 . alpn=h3,h2 no-default-alpn port=8443'],
];

/** Positive answers, NXDOMAIN, NODATA, a referral, keys, NSEC and compressed names in RDATA. */
function corpus(): readonly Uint8Array[] {
  const options = { nameserver: 'ns.example', clock: () => Date.UTC(2026, 0, 15) };
  const zones = ['.', 'example', 'acme.example'].map((origin) => new Zone(origin, options));
  const [root, example, acme] = zones;
  if (root === undefined || example === undefined || acme === undefined) throw new Error('no zones');
  root.delegate(example);
  example.delegate(acme);
  for (const [owner, type, ...texts] of zoneRecords) {
    acme.set(
      owner,
      type,
      texts.map((text) => parseRdata(type, text)),
    );
  }
  const ask = (name: string, type: number): Uint8Array => {
    const question = { name: DnsName.parse(name), type, class: RrClass.IN };
    return encodeMessage(respond(zones, { ...query, questions: [question] }));
  };
  return [
    ...zoneRecords.map(([owner, type]) => ask(owner, type)),
    ask('.', RrType.DNSKEY),
    ask('acme.example', RrType.DNSKEY),
    ask('acme.example', RrType.DS),
    ask('acme.example', RrType.SOA),
    ask('www.acme.example', RrType.NSEC),
    ask('www.acme.example', RrType.TXT),
    ask('nowhere.acme.example', RrType.A),
    ask('nowhere', RrType.A),
    compressedReply(),
  ];
}

const query: Message = {
  id: 1,
  opcode: 0,
  flags: { qr: false, aa: false, tc: false, rd: true, ra: false, ad: false, cd: true },
  rcode: 0,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
  edns: {
    udpPayloadSize: 1232,
    version: 0,
    dnssecOk: true,
    options: [{ code: 15, data: Uint8Array.of(0, 6, 0x62, 0x6f, 0x67, 0x75, 0x73) }],
  },
};

/** As old servers write: MX, SOA, SRV and NAPTR whose names are pointers. */
function compressedReply(): Uint8Array {
  const header = '0001 8400 0001 0003 0001 0000';
  const question = '03777777 076578616d706c65 00 00ff 0001';
  const answers =
    'c00c 000f 0001 00000e10 0009 000a 046d61696c c010 c00c 0021 0001 00000e10 000c 0001 0002 01bb 03737276 c010' +
    'c00c 0023 0001 00000e10 000f 0001 0002 01 75 02 4532 01 72 0161 c010';
  const authority =
    'c010 0006 0001 00000e10 001d 026e73 c010 0161 c010 00000001 00000002 00000003 00000004 00000005';
  const octets = Buffer.from(`${header}${question}${answers}${authority}`.replace(/\s/g, ''), 'hex');
  return new Uint8Array(octets);
}

/** A small generator of repeatable numbers (mulberry32). */
function numbers(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const telling = [0, 1, 2, 0x22, 0x2c, 0x3f, 0x40, 0x5c, 0x7f, 0x80, 0xc0, 0xff] as const;

type Random = (below: number) => number;

/** A packet of the corpus, damaged: all over it, or in the RDATA of one record, whose length fits. */
function damaged(packets: readonly Uint8Array[], random: Random): Uint8Array {
  const packet = packets[random(packets.length)] ?? new Uint8Array(0);
  if (random(2) === 0) return mutate(packet, packets, random);
  const message = decodeMessage(packet);
  const section = message.answers.length > 0 ? 'answers' : 'authorities';
  const chosen = random(message[section].length);
  const records = message[section].map((record, index) =>
    index === chosen ? { ...record, rdata: mutate(record.rdata, [record.rdata], random) } : record,
  );
  return encodeMessage({ ...message, [section]: records });
}

/** One to six changes to octets, most of them small, so that much still parses. */
function mutate(packet: Uint8Array, packets: readonly Uint8Array[], random: Random): Uint8Array {
  let octets = Buffer.from(packet);
  for (let left = 1 + random(1 + random(6)); left > 0; left--) {
    if (octets.length < 4) return new Uint8Array(octets);
    const at = random(octets.length - 1);
    const length = 1 + random(Math.min(40, octets.length - at));
    switch (random(9)) {
      case 0:
      case 1:
        octets[at] = (octets[at] ?? 0) ^ (1 << random(8));
        break;
      case 2:
        octets[at] = telling[random(telling.length)] ?? 0;
        break;
      case 3:
        octets.writeUInt16BE(random(0x10000), at);
        break;
      case 4:
        // A compression pointer, anywhere to anywhere.
        octets.writeUInt16BE(0xc000 | random(octets.length), at);
        break;
      case 5:
        octets = Buffer.concat([octets.subarray(0, at), octets.subarray(at + length)]);
        break;
      case 6:
        octets = Buffer.concat([octets.subarray(0, at + length), octets.subarray(at)]);
        break;
      case 7: {
        const other = packets[random(packets.length)] ?? packet;
        octets = Buffer.concat([octets.subarray(0, at), other.subarray(random(other.length))]);
        break;
      }
      default:
        // Where a message has its counts.
        octets.writeUInt16BE(random(8), Math.min(octets.length - 2, 4 + 2 * random(4)));
    }
  }
  return new Uint8Array(octets.subarray(0, 0xffff));
}

/** Runs a parser; only a DnsError may come out of it. */
function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof DnsError) return undefined;
    throw error;
  }
}

const parsers: readonly ((rdata: Uint8Array) => unknown)[] = [
  parseRrsig,
  parseNsec,
  parseNsec3,
  parseDnskey,
  parseDs,
  parseTlsa,
  parseNaptr,
  parseCaa,
  keyTag,
  (rdata) => {
    const params = decodeSvcParams(parseSvcb(rdata).params);
    for (const key of [1, 65400, 65409]) attempt(() => params.text(key));
  },
];

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** What is done with every packet; the number of its records, or undefined when it is no message. */
function exercise(packet: Uint8Array, random: Random): number | undefined {
  const message = attempt(() => decodeMessage(packet));
  if (message === undefined) return undefined;
  const records = [...message.answers, ...message.authorities, ...message.additionals];
  for (const { name, type, rdata } of records) {
    if (!name.equals(DnsName.parse(name.toString()))) throw new Error('a name is not its text');
    // As its own type, and as one that it was not meant for.
    for (const as of [type, zoneRecords[random(zoneRecords.length)]?.[1] ?? type]) {
      if (!sameOctets(parseRdata(as, formatRdata(as, rdata)), rdata))
        throw new Error('RDATA is not its text');
      canonicalRdata(as, rdata);
    }
    const parse = parsers[random(parsers.length)];
    if (parse !== undefined) attempt(() => parse(rdata));
  }
  const encoded = encodeMessage(message);
  const again = decodeMessage(encoded);
  // Beyond 65535 octets, when names in RDATA were many and long, only the question is left.
  if ((again.flags.tc && !message.flags.tc) || sameOctets(encodeMessage(again), encoded))
    return records.length;
  throw new Error('a message does not survive encoding');
}

/** Runs so many packets; throws with the packet in hexadecimal when one breaks a rule. */
export function fuzz({ packets, seed }: FuzzOptions): FuzzReport {
  const originals = corpus();
  for (const original of originals) decodeMessage(original);
  const random = numbers(seed);
  let decoded = 0;
  let records = 0;
  let slowestMs = 0;
  let settled = 0;
  for (let count = 0; count < packets; count++) {
    if (count === Math.floor(packets / 10)) settled = liveOctets();
    const packet = damaged(originals, random);
    const begin = performance.now();
    try {
      const found = exercise(packet, random);
      if (found !== undefined) {
        decoded += 1;
        records += found;
      }
    } catch (error) {
      const hex = Buffer.from(packet).toString('hex');
      throw new Error(`packet ${count} of seed ${seed}: ${hex}`, { cause: error });
    }
    slowestMs = Math.max(slowestMs, leastMs(performance.now() - begin, packet, seed));
  }
  return { decoded, refused: packets - decoded, records, slowestMs, growthOctets: liveOctets() - settled };
}

/** A busy machine can make one run of a packet slow, not the best of three. */
function leastMs(firstMs: number, packet: Uint8Array, seed: number): number {
  let least = firstMs;
  for (let left = 2; left > 0 && least > 10; left--) {
    const begin = performance.now();
    exercise(packet, numbers(seed));
    least = Math.min(least, performance.now() - begin);
  }
  return least;
}

/** Memory in use after a full collection, octets. */
function liveOctets(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
