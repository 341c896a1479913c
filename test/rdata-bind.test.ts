// RDATA of every type against BIND: its octets, read off the wire, and its text, from its zone compiler, must be
// ours; it must read what we write; and what it refuses as text we refuse.

import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createExchange,
  DnsName,
  type Exchange,
  formatRdata,
  parseRdata,
  parseRrType,
  RrClass,
  RrType,
} from '@countersign/dns';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { binary, serverSuite } from './servers.js';
import { type NameServer, startNamed } from './support/nameserver.js';
import { mustRun } from './support/program.js';
import { type Denial, writeZone } from './support/zone.js';

/** Records in master-file form, `TYPE RDATA`, names absolute; each gets an owner of its own. */
const odd: readonly string[] = [
  'A 0.0.0.0',
  'A 255.255.255.255',
  String.raw`A \# 4 0a000001`,
  'AAAA ::',
  'AAAA ::1',
  'AAAA 1::',
  'AAAA 1:0:0:2:0:0:0:3',
  'AAAA 1:0:0:2:3:0:0:4',
  'AAAA 1:0:2:3:4:5:6:7',
  'AAAA ::ffff:192.0.2.1',
  'AAAA ::192.0.2.1',
  'AAAA ::ffff:0:192.0.2.1',
  'AAAA 64:ff9b::192.0.2.1',
  'AAAA 2001:DB8::ABCD',
  'NS ns.other.test.',
  String.raw`NS a\.b\000c.X\@y\;z.test.`,
  'CNAME .',
  String.raw`CNAME \065\"\(\)\$\\.\032x\127\255.test.`,
  'CNAME *.MiXeD.test.',
  `CNAME ${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}.`,
  'DNAME target.test.',
  'PTR host.test.',
  'MX 0 .',
  'MX 65535 mail.odd.test.',
  'TXT ""',
  'TXT "" "" "x"',
  'TXT plain',
  String.raw`TXT two words\;`,
  String.raw`TXT "semi;colon (and) \"quotes\" \\ back"`,
  String.raw`TXT "\000\009\010\031\127\128\255" \065\b`,
  String.raw`TXT a\ b\"c\\d`,
  `TXT "${'x'.repeat(255)}"`,
  `TXT ${Array.from({ length: 40 }, (_, index) => `"${String(index).padStart(255, '.')}"`).join(' ')}`,
  'TXT ( "one" ; a comment\n "two" )',
  'SRV 0 0 0 .',
  'SRV 65535 1 443 _a.B.test.',
  'NAPTR 100 10 "U" "E2U+sip" "!^.*$!sip:info@example.com!" .',
  'NAPTR 0 65535 "" "" "" Replace.test.',
  String.raw`NAPTR 1 2 s SIP+D2U "!\"(a)\200!\\\\1;!i" .`,
  `NAPTR 1 2 "${'f'.repeat(255)}" "${'s'.repeat(255)}" "!${'r'.repeat(251)}!x!" r.test.`,
  'CAA 0 issue "ca.example; account=1"',
  'CAA 128 iodef ""',
  'CAA 255 IssueWild ca.example',
  String.raw`CAA 0 x1 "\"\\\000\255"`,
  `CAA 0 ${'t'.repeat(255)} "${'v'.repeat(300)}"`,
  `DS 65535 13 2 ${'aB'.repeat(32)}`,
  `DS 1 8 1 ${'01'.repeat(20)}`,
  `DS 1 8 4 ( ${'0f'.repeat(24)} ${'F0'.repeat(24)} )`,
  'DS 1 253 99 00',
  `CDS 1 15 2 ${'7f'.repeat(32)}`,
  'CDS 0 0 0 00',
  'DNSKEY 257 3 13 AQID',
  `DNSKEY 256 3 8 ( ${'AwEAAbcd'.repeat(20)} AA== )`,
  'DNSKEY 0 255 200 AQ==',
  'CDNSKEY 0 3 0 AA==',
  'CDNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=',
  'RRSIG A 13 2 300 20380119031408 19700101000000 65535 signer.test. AQIDBA==',
  'RRSIG TYPE65280 8 0 4294967295 21060207062815 20380119031407 0 . AQ==',
  'RRSIG DNSKEY 8 0 0 4294967295 0 0 . AQ==',
  'NSEC . A',
  String.raw`NSEC \000.odd.test. A NS SOA MX TXT AAAA RRSIG NSEC TYPE65280 CAA TYPE65535 TYPE1234`,
  'NSEC a.test. NSAP-PTR X25 NINFO RKEY TALINK EUI48 L64 LP AVC DOA AMTRELAY RESINFO WALLET TA DLV',
  'NSEC3 1 1 0 - CK0POJMG874LJREF7EFN8430QVIT8BSM NS DS RRSIG',
  'NSEC3 1 0 65535 aabbccdd ck0pojmg874ljref7efn8430qvit8bsm',
  'NSEC3PARAM 1 0 0 -',
  `NSEC3PARAM 1 255 10 ${'AB'.repeat(255)}`,
  `TLSA 3 1 1 ${'0123456789abcdef'.repeat(4)}`,
  'TLSA 255 255 255 ( 00 FF )',
  `TLSA 2 0 0 ${'30820100'.repeat(100)}`,
  `SMIMEA 3 0 2 ${'ef'.repeat(64)}`,
  'SVCB 0 .',
  'SVCB 0 alias.test.',
  'HTTPS 0 alias.test.',
  'SVCB 65535 .',
  'SVCB 16 foo.example.com. port=53',
  'SVCB 1 . key667=hello',
  String.raw`SVCB 1 . key667="hello\210qoo"`,
  'SVCB 1 . key667',
  'SVCB 1 . key65534=""',
  'SVCB 1 . ( ipv6hint="2001:db8::1,2001:db8::53:1" )',
  'SVCB 1 . ipv6hint=2001:db8:122:344::192.0.2.33',
  'SVCB 16 foo.example.org. ( alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1 )',
  String.raw`SVCB 16 foo.example.org. alpn="f\\\\oo\\,bar,h2"`,
  String.raw`SVCB 16 foo.example.org. alpn=f\\\092oo\092,bar,h2`,
  String.raw`SVCB 1 . alpn="\000\255\" x"`,
  'SVCB 1 . alpn=h2 no-default-alpn',
  'HTTPS 1 . alpn="h2,h3" no-default-alpn port=0 ipv4hint=192.0.2.1,192.0.2.2 ech=AEA= ipv6hint=::1,::',
  'SVCB 1 svc.test. mandatory=alpn,port,key65400 alpn=mcp port=65535 key65400="https://a.test/cap.json"',
  `SVCB 1 . ${Array.from({ length: 10 }, (_, index) => `key${65409 - index}="v=${index}, a b"`).join(' ')}`,
  String.raw`SVCB 1 . key65402="\"q\\\;\032"`,
  'SVCB 1 . key65402=mcp=2025-06-18',
  String.raw`HTTPS 1 . key3="\000\053"`,
  String.raw`TYPE65280 \# 0`,
  String.raw`TYPE65280 \# 3 010203`,
  `TYPE1234 \\# 300 ${'00fF'.repeat(150)}`,
  String.raw`HINFO \# 6 01 41 03 424344`,
  String.raw`LOC \# 16 00 33 16 13 89 17 2d d0 70 be 15 f0 00 98 8d 20`,
  String.raw`URI \# 8 000a0001 68747470`,
  String.raw`SSHFP \# 3 ffff00`,
];

/** Where our text is not BIND's, though each reads the other's as the same octets. */
const written: ReadonlyMap<string, string> = new Map([
  // RFC 5952 section 5 leaves the dotted form to known prefixes; this one is deprecated.
  ['AAAA ::192.0.2.1', '::c000:201'],
  // BIND dates a signature by the moment of writing (RFC 4034 section 3.1.5); our text depends on no clock.
  [
    'RRSIG TYPE65280 8 0 4294967295 21060207062815 20380119031407 0 . AQ==',
    'TYPE65280 8 0 4294967295 21060207062815 20380119031407 0 . AQ==',
  ],
  ['RRSIG DNSKEY 8 0 0 4294967295 0 0 . AQ==', 'DNSKEY 8 0 0 21060207062815 19700101000000 0 . AQ=='],
  // BIND escapes a space in an ALPN id, and nowhere else in quotes.
  [String.raw`SVCB 1 . alpn="\000\255\" x"`, String.raw`1 . alpn="\000\255\" x"`],
]);

/** Types that have no presentation form here but the generic one. */
const generic: ReadonlySet<number> = new Set<number>([RrType.HINFO, RrType.LOC, RrType.URI, RrType.SSHFP]);

/** What neither takes, each beside a text that both take. */
const refused: readonly (readonly [refused: string, taken: string])[] = [
  ['A 192.0.2.256', 'A 192.0.2.255'],
  ['A 192.0.2', 'A 192.0.2.0'],
  ['AAAA 1::2::3', 'AAAA 1::2:3'],
  ['AAAA 1:2:3:4:5:6:7', 'AAAA 1:2:3:4:5:6:7:8'],
  ['MX 65536 a.', 'MX 65535 a.'],
  ['MX 10', 'MX 10 .'],
  ['NS a..b.', 'NS a.b.'],
  [`NS ${'a'.repeat(64)}.`, `NS ${'a'.repeat(63)}.`],
  ['NS a. b.', 'NS a.'],
  [String.raw`NS \256.`, String.raw`NS \255.`],
  [String.raw`TXT "\256"`, String.raw`TXT "\255"`],
  [`TXT ${'x'.repeat(256)}`, `TXT ${'x'.repeat(255)}`],
  ['TXT', 'TXT ""'],
  ['NAPTR 1 1 "" "" ""', 'NAPTR 1 1 "" "" "" .'],
  [`NAPTR 1 1 "${'x'.repeat(256)}" "" "" .`, `NAPTR 1 1 "${'x'.repeat(255)}" "" "" .`],
  ['CAA 256 issue "a"', 'CAA 255 issue "a"'],
  ['CAA 0 is-sue "a"', 'CAA 0 issue "a"'],
  ['CAA 0 issue', 'CAA 0 issue ""'],
  ['SOA . . 1 2 3 4 4294967296', 'SOA . . 1 2 3 4 4294967295'],
  ['DS 1 8 99 0', 'DS 1 8 99 00'],
  ['DNSKEY 257 3 13 AQI', 'DNSKEY 257 3 13 AQI='],
  [
    'RRSIG A 13 2 300 20261301000000 20260101000000 1 . AQ==',
    'RRSIG A 13 2 300 20261201000000 20260101000000 1 . AQ==',
  ],
  ['NSEC a. NOTYPE', 'NSEC a. A'],
  ['NSEC a. TYPE65536', 'NSEC a. TYPE65535'],
  [
    'NSEC3 1 0 0 - zk0pojmg874ljref7efn8430qvit8bsm AAAA',
    'NSEC3 1 0 0 - ck0pojmg874ljref7efn8430qvit8bsm AAAA',
  ],
  ['NSEC3PARAM 1 0 0 abc', 'NSEC3PARAM 1 0 0 abcd'],
  ['TLSA 256 1 1 00', 'TLSA 255 1 1 00'],
  ['TLSA 3 1 1 0g', 'TLSA 3 1 1 00'],
  [String.raw`TYPE65280 \# 2 00`, String.raw`TYPE65280 \# 1 00`],
  // RFC 9460 appendix D.3, figures 11 to 16.
  ['SVCB 1 foo.example.com. key123=abc key123=def', 'SVCB 1 foo.example.com. key123=abc key124=def'],
  ['SVCB 1 foo.example.com. mandatory', 'SVCB 1 foo.example.com. mandatory=key123 key123'],
  ['SVCB 1 foo.example.com. alpn', 'SVCB 1 foo.example.com. alpn=h2'],
  ['SVCB 1 foo.example.com. port', 'SVCB 1 foo.example.com. port=1'],
  ['SVCB 1 foo.example.com. ipv4hint', 'SVCB 1 foo.example.com. ipv4hint=192.0.2.1'],
  ['SVCB 1 foo.example.com. ipv6hint', 'SVCB 1 foo.example.com. ipv6hint=::1'],
  ['SVCB 1 foo.example.com. alpn=h2 no-default-alpn=abc', 'SVCB 1 foo.example.com. alpn=h2 no-default-alpn'],
  ['SVCB 1 foo.example.com. mandatory=key123', 'SVCB 1 foo.example.com. mandatory=key123 key123=abc'],
  ['SVCB 1 foo.example.com. mandatory=mandatory', 'SVCB 1 foo.example.com. mandatory=key1 key1="\\002h2"'],
  ['SVCB 1 . mandatory=key123,key123 key123=abc', 'SVCB 1 . mandatory=key123 key123=abc'],
  ['SVCB 1 . port=65536', 'SVCB 1 . port=65535'],
  ['SVCB 1 . ipv4hint=192.0.2.1,', 'SVCB 1 . ipv4hint=192.0.2.1'],
  ['SVCB 1 . alpn=h2,,h3', 'SVCB 1 . alpn=h2,h3'],
  ['SVCB 1 . key0667=a', 'SVCB 1 . key667=a'],
  ['SVCB 1 . key65536=a', 'SVCB 1 . key65534=a'],
  ['SVCB 1 . colour=red', 'SVCB 1 . key7777=red'],
  ['SVCB 1 . no-default-alpn', 'SVCB 1 . alpn=h2 no-default-alpn'],
];

interface TextRecord {
  readonly owner: string;
  readonly type: number;
  readonly text: string;
}

/** The records of a zone in master-file form, as BIND's compiler writes them. */
async function compile(folder: string, origin: string, path: string): Promise<readonly TextRecord[]> {
  const output = join(folder, 'compiled');
  await mustRun('named-compilezone', [
    ...['-q', '-i', 'none', '-k', 'ignore', '-n', 'ignore', '-r', 'ignore', '-M', 'ignore', '-S', 'ignore'],
    ...['-s', 'full', '-F', 'text', '-o', output, origin, path],
  ]);
  return (await readFile(output, 'utf8')).split('\n').flatMap((line) => {
    const [, owner, type, text] = /^(\S+)\s+\d+\s+IN\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (owner === undefined || type === undefined || text === undefined) return [];
    return [{ owner, type: parseRrType(type), text }];
  });
}

/** The octets that a server has for a name and type, wherever in its reply they stand: NS come as a referral. */
async function octetsOf(exchange: Exchange, owner: string, type: number): Promise<readonly Uint8Array[]> {
  const name = DnsName.parse(owner);
  const reply = await exchange({ name, type, class: RrClass.IN });
  return [...reply.answers, ...reply.authorities]
    .filter((record) => record.type === type && record.name.equals(name))
    .map((record) => record.rdata);
}

/** How many fields stand before the hexadecimal or base64 that ends the RDATA. */
const fieldsBefore: ReadonlyMap<number, number> = new Map<number, number>([
  [RrType.DS, 3],
  [RrType.CDS, 3],
  [RrType.DNSKEY, 3],
  [RrType.CDNSKEY, 3],
  [RrType.RRSIG, 8],
  [RrType.TLSA, 3],
  [RrType.SMIMEA, 3],
]);
const base64Types: ReadonlySet<number> = new Set<number>([RrType.DNSKEY, RrType.CDNSKEY, RrType.RRSIG]);

/** BIND divides such endings by spaces and writes hexadecimal in upper case; we do not. Nothing else may differ. */
function comparable(type: number, text: string): string {
  const fields = text.split(' ');
  const plain = text.startsWith('\\#') ? 2 : fieldsBefore.get(type);
  if (plain !== undefined) {
    const ending = fields.slice(plain).join('');
    const folded = base64Types.has(type) ? ending : ending.toLowerCase();
    return [...fields.slice(0, plain), folded].join(' ');
  }
  const hashed = type === RrType.NSEC3 || type === RrType.NSEC3PARAM;
  // The salt and the next hash; mnemonics of types follow.
  return hashed ? fields.map((field, at) => (at < 5 ? field.toLowerCase() : field)).join(' ') : text;
}

/** The only record's octets. */
async function onlyOctetsOf(exchange: Exchange, owner: string, type: number): Promise<Uint8Array> {
  const [octets, ...more] = await octetsOf(exchange, owner, type);
  if (octets === undefined || more.length > 0) throw new Error(`${owner} is not one record`);
  return octets;
}

/** Has BIND's record checker read a record and write it in the generic form. */
function check(record: string) {
  const input = `IN ${record}\n`;
  return spawnSync(binary('named-rrchecker'), ['-u'], { input, encoding: 'utf8', timeout: 10_000 });
}

/** The octets of a record as BIND's record checker has them. */
function checked(record: string): Uint8Array {
  const hex = /\\# \d+ ([0-9A-F ]+)/i.exec(check(record).stdout)?.[1] ?? '';
  return new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

const split = (record: string): readonly [type: number, text: string] => {
  const [mnemonic = '', text = ''] = /^(\S+)(?:\s+([\s\S]*))?$/.exec(record)?.slice(1) ?? [];
  return [parseRrType(mnemonic), text];
};

serverSuite('RDATA as BIND has it', ['named', 'dnssec-signzone'], () => {
  let folder: string;
  let named: NameServer;
  let exchange: Exchange;
  let compiled: readonly TextRecord[];
  const signed = new Map<Denial, readonly TextRecord[]>();
  const ownerOf = (index: number) => `r${index}.odd.test.`;

  /** A zone with one record for each text, `TYPE RDATA`. */
  async function writeOdd(file: string, texts: readonly string[]): Promise<string> {
    const path = join(folder, file);
    const lines = [
      '$ORIGIN odd.test.',
      '$TTL 300',
      String.raw`@ SOA a\.b.odd.test. host\ master.x.test. 4294967295 0 1 2147483647 4`,
      '@ NS ns.odd.test.',
      'ns A 127.0.0.1',
      ...texts.map((text, index) => `${ownerOf(index)} ${text}`),
    ];
    await writeFile(path, `${lines.join('\n')}\n`);
    return path;
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-rdata-'));
    const path = await writeOdd('odd.zone', odd);
    compiled = await compile(folder, 'odd.test.', path);
    const signing = { algorithm: 'ECDSAP256SHA256', notBeforeMs: Date.now() - 3_600_000 } as const;
    const zones = await Promise.all(
      (['nsec', 'nsec3'] as const).map((denial) =>
        writeZone(folder, {
          origin: denial === 'nsec' ? 'example.' : 'nsec3.example.',
          records: [
            'www A 192.0.2.1',
            'www TXT "a b" c',
            String.raw`odd\.one\000 SVCB 1 . alpn=h2`,
            '*.w MX 1 @',
          ],
          signing: { ...signing, notAfterMs: Date.now() + 3_600_000, denial },
        }),
      ),
    );
    for (const [index, denial] of (['nsec', 'nsec3'] as const).entries()) {
      const zone = zones[index];
      if (zone !== undefined) signed.set(denial, await compile(folder, zone.origin, zone.path));
    }
    named = await startNamed(folder, [{ origin: 'odd.test.', path, ds: [] }, ...zones]);
    exchange = createExchange({ servers: [{ host: '127.0.0.1', port: named.port }] });
  }, 60_000);

  afterAll(async () => {
    await named?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('its SOA is ours, in octets and in text', async () => {
    const octets = await onlyOctetsOf(exchange, 'odd.test', RrType.SOA);
    const bind = compiled.find(({ type }) => type === RrType.SOA)?.text ?? '';
    expect(parseRdata(RrType.SOA, bind)).toEqual(octets);
    expect(formatRdata(RrType.SOA, octets)).toBe(bind);
  });

  test.each(odd.map((record, index) => [record.slice(0, 90), index] as const))('%s', async (_, index) => {
    const record = odd[index] ?? '';
    const [type, text] = split(record);
    // Named serves an NSEC3 as a proof only, never when it is asked for.
    const octets =
      type === RrType.NSEC3 ? checked(record) : await onlyOctetsOf(exchange, ownerOf(index), type);
    expect(parseRdata(type, text)).toEqual(octets);
    if (generic.has(type)) return;
    const bind = compiled.find(({ owner }) => owner === ownerOf(index))?.text ?? '';
    expect(parseRdata(type, bind)).toEqual(octets);
    expect(comparable(type, formatRdata(type, octets))).toBe(written.get(record) ?? comparable(type, bind));
  });

  test('it reads what we write, and the generic form of it, as the same records', async () => {
    const ours = odd.map((record) => {
      const [type, text] = split(record);
      const rdata = parseRdata(type, text);
      return { mnemonic: record.split(' ')[0], text: formatRdata(type, rdata), rdata };
    });
    const typed = await writeOdd(
      'ours.zone',
      ours.map(({ mnemonic, text }) => `${mnemonic} ${text}`),
    );
    expect(await compile(folder, 'odd.test.', typed)).toEqual(compiled);
    const generic = await writeOdd(
      'generic.zone',
      ours.map(
        ({ mnemonic, rdata }) => `${mnemonic} \\# ${rdata.length} ${Buffer.from(rdata).toString('hex')}`,
      ),
    );
    expect(await compile(folder, 'odd.test.', generic)).toEqual(compiled);
  });

  test.each(['nsec', 'nsec3'] as const)('every record of a zone signed with %s is ours', async (denial) => {
    const records = signed.get(denial) ?? [];
    const rrsets = new Map<string, TextRecord[]>();
    // Named serves an NSEC3 only as a proof, never when it is asked for: its text alone is compared.
    for (const record of records) {
      const key = `${record.owner} ${record.type}`;
      rrsets.set(key, [...(rrsets.get(key) ?? []), record]);
      const rdata = parseRdata(record.type, record.text);
      expect(comparable(record.type, formatRdata(record.type, rdata))).toBe(
        comparable(record.type, record.text),
      );
    }
    const seen = new Set<number>();
    for (const [first, ...others] of rrsets.values()) {
      if (first === undefined || first.type === RrType.NSEC3 || first.type === RrType.RRSIG) continue;
      const wanted = [first, ...others].map(({ type, text }) =>
        Buffer.from(parseRdata(type, text)).toString('hex'),
      );
      const served = await octetsOf(exchange, first.owner, first.type);
      expect(served.map((octets) => Buffer.from(octets).toString('hex')).sort()).toEqual(wanted.sort());
      seen.add(first.type);
    }
    expect([...seen]).toEqual(expect.arrayContaining([RrType.SOA, RrType.DNSKEY, RrType.SVCB]));
  });

  describe('text that it refuses', () => {
    test.each(refused)('is refused here: %s (while %s is taken)', (wrong, right) => {
      expect(check(right).status, 'BIND takes the twin').toBe(0);
      expect(() => parseRdata(...split(right))).not.toThrow();
      expect(check(wrong).status, 'BIND refuses it').toBe(1);
      expect(() => parseRdata(...split(wrong))).toThrow(
        expect.objectContaining({ code: 'ERR_DNS_RDATA_INVALID' }),
      );
    });
  });
});
