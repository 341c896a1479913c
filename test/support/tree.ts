// A small internet signed by BIND's own tools: root, the TLD `example`, the agent domain `acme.example` and
// neighbours that are unsigned, expired or broken; served by named, with Unbound in front.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Certificate } from './endpoint.js';
import { type NameServer, startNamed, startUnbound } from './nameserver.js';
import { mustRun } from './program.js';
import {
  type Algorithm,
  forgeRecord,
  type Signing,
  stripSignature,
  writeZone,
  type ZoneFile,
} from './zone.js';

const dayMs = 24 * 60 * 60_000;

/** When the signatures of the expired zone held, milliseconds since the epoch: 70 to 30 days ago. */
export const expiredZoneHeldAtMs = Date.now() - 50 * dayMs;

export type TreeKind = 'nsec' | 'nsec3';

// Between them the two trees have every algorithm that a validator must know, each at work in a chain.
const algorithms: Readonly<Record<TreeKind, Readonly<Record<'root' | 'tld' | 'leaf', Algorithm>>>> = {
  nsec: { root: 'ECDSAP256SHA256', tld: 'ECDSAP256SHA256', leaf: 'ECDSAP256SHA256' },
  nsec3: { root: 'RSASHA256', tld: 'ED25519', leaf: 'ECDSAP256SHA256' },
};

export interface TreeOptions {
  /** How its zones prove absence; the TLD of the `nsec3` tree is opt-out. */
  readonly kind: TreeKind;
  /** Where the agents answer, and the certificate that is pinned for them. */
  readonly port: number;
  readonly certificate: Pick<Certificate, 'keyHash' | 'hash'>;
  /** The key hash of a certificate that no agent has. */
  readonly otherKeyHash: string;
  /** Agents on other ports of this machine, by label in `acme.example`. */
  readonly elsewhere?: Readonly<Record<string, number>>;
}

export interface Tree {
  /** Authoritative for all zones. */
  readonly named: NameServer;
  /** Recursive and validating, in front of named. */
  readonly unbound: NameServer;
  /** The root's DS records, as Unbound and `countersign --anchor` read them. */
  readonly anchorFile: string;
  /** The same in the syntax of named and delv. */
  readonly bindAnchorFile: string;
  stop(): Promise<void>;
}

/** An agent at `LABEL.ORIGIN`: its SVCB record, its host's address, and the TLSA records of its port. */
function agent(
  label: string,
  port: number,
  tlsa: readonly string[],
  host = `${label}-host`,
): readonly string[] {
  return [
    `${label} SVCB 1 ${host} mandatory=alpn,port alpn=http/1.1 port=${port} key65402="https"`,
    `${host} A 127.0.0.1`,
    ...tlsa.map((data) => `_${port}._tcp.${host} TLSA ${data}`),
  ];
}

function acmeRecords({ port, certificate, otherKeyHash, elsewhere }: TreeOptions): readonly string[] {
  const pin = `3 1 1 ${certificate.keyHash}`;
  const wrongPin = `3 1 1 ${otherKeyHash}`;
  return [
    ...agent('chat', port, [pin]),
    ...agent('whole', port, [`3 0 1 ${certificate.hash}`]),
    ...agent('rolling', port, [wrongPin, pin]),
    ...agent('unpinned', port, []),
    ...agent('wrong', port, [wrongPin]),
    ...agent('stripped', port, [pin]),
    ...agent('forged', port, [wrongPin]),
    ...agent('bare', port, [pin]),
    ...agent('moved', port, [pin]),
    ...Object.entries(elsewhere ?? {}).flatMap(([label, at]) => agent(label, at, [pin])),
    '_index._agents TXT "agents=chat:https,whole:https"',
    '_index._agents SVCB 1 chat-host alpn=http/1.1 port=443',
    '@ MX 10 mail',
    'alias CNAME chat-host',
    'chain CNAME alias',
    'gone CNAME nowhere',
    'out CNAME host.plain.example.',
    'optedout CNAME host.optout.example.',
    'to-expired CNAME host.expired.example.',
    '*.wild TXT "by wildcard"',
    '*.wild A 127.0.0.1',
    'explicit.wild A 127.0.0.1',
    '*.aliases CNAME chat-host',
    'under.the.ent TXT "below two empty non-terminals"',
    'tree DNAME wild',
    'service SRV 1 2 443 chat-host',
    'authority CAA 0 issue "ca.example"',
    'opaque TYPE65280 \\# 4 0a000001',
    `big TXT ${Array.from({ length: 12 }, (_, index) => `"${String(index).padStart(200, 'x')}"`).join(' ')}`,
    'forged-text TXT "as signed"',
    'bare-text TXT "signature taken away"',
  ];
}

/** Writes, signs and serves the tree from a folder of its own. */
export async function startTree(folder: string, options: TreeOptions): Promise<Tree> {
  const { kind, port, certificate } = options;
  const { root: rootAlgorithm, tld: tldAlgorithm, leaf: leafAlgorithm } = algorithms[kind];
  const signing = (algorithm: Algorithm, change: Partial<Signing> = {}): Signing => ({
    algorithm,
    denial: kind,
    notBeforeMs: Date.now() - 70 * dayMs,
    notAfterMs: Date.now() + 30 * dayMs,
    ...change,
  });
  const leaf = (label: string, records: readonly string[], zoneSigning?: Signing) =>
    writeZone(folder, {
      origin: `${label}.example.`,
      records,
      ...(zoneSigning === undefined ? {} : { signing: zoneSigning }),
    });
  const ordinary = [...agent('chat', port, [`3 1 1 ${certificate.keyHash}`]), 'host A 127.0.0.1'];
  const expired = { notAfterMs: Date.now() - 30 * dayMs };
  const [acme, current, expiredZone, plain, optout, broken, exotic] = await Promise.all([
    leaf('acme', acmeRecords(options), signing(leafAlgorithm)),
    leaf('current', ordinary, signing(leafAlgorithm)),
    leaf('expired', ordinary, signing(leafAlgorithm, expired)),
    leaf('plain', ordinary),
    leaf('optout', ordinary),
    leaf('broken', ordinary, signing(leafAlgorithm)),
    leaf('exotic', ordinary, signing(leafAlgorithm)),
  ]);
  const leaves = [acme, current, expiredZone, plain, optout, broken, exotic];
  // The DS of another key, and one of a digest type that nobody knows.
  const otherDs = broken.ds.map((ds) => ds.replace(/[0-9A-F]{8}$/, '00000000'));
  const unknownDs = exotic.ds.map((ds) => ds.replace(/ 2 ([0-9A-F]+)$/, ' 99 $1'));
  const tld = await writeZone(folder, {
    origin: 'example.',
    records: [
      ...leaves.flatMap(({ origin }) => [`${origin} NS ns.${origin}`, `ns.${origin} A 127.0.0.1`]),
      ...[acme, current, expiredZone].flatMap(({ ds }) => ds),
      ...otherDs,
      ...unknownDs,
    ],
    signing: signing(tldAlgorithm, { denial: kind === 'nsec' ? 'nsec' : 'nsec3-optout' }),
  });
  const root = await writeZone(folder, {
    origin: '.',
    records: ['example. NS ns.example.', 'ns.example. A 127.0.0.1', ...tld.ds],
    signing: signing(rootAlgorithm),
  });

  const tlsa = (label: string) => `_${port}._tcp.${label}-host.acme.example.`;
  await stripSignature(acme.path, tlsa('stripped'), 'TLSA');
  await forgeRecord(acme.path, tlsa('forged'), 'TLSA', `3 1 1 ${certificate.keyHash}`);
  await stripSignature(acme.path, 'bare.acme.example.', 'SVCB');
  const elsewhere = `1 chat-host.acme.example. mandatory=alpn,port alpn=http/1.1 port=${port} key65402="https"`;
  await forgeRecord(acme.path, 'moved.acme.example.', 'SVCB', elsewhere);
  await stripSignature(acme.path, 'bare-text.acme.example.', 'TXT');
  await forgeRecord(acme.path, 'forged-text.acme.example.', 'TXT', '"as the attacker likes it"');

  const anchorFile = join(folder, 'root.ds');
  await writeFile(anchorFile, `${root.ds.join('\n')}\n`);
  const bindAnchorFile = join(folder, 'bind.keys');
  const bindAnchors = root.ds.map((ds) => ds.replace(/^.* DS (\d+ \d+ \d+) (.+)$/, '. static-ds $1 "$2";'));
  await writeFile(bindAnchorFile, `trust-anchors {\n${bindAnchors.join('\n')}\n};\n`);

  const zones: readonly ZoneFile[] = [root, tld, ...leaves];
  for (const { origin, path } of zones)
    await mustRun('named-checkzone', ['-q', '-i', 'none', '-k', 'ignore', origin, path]);
  const named = await startNamed(folder, zones);
  try {
    const unbound = await startUnbound(folder, zones, named.port, anchorFile);
    const stop = async () => {
      await Promise.all([unbound.stop(), named.stop()]);
    };
    return { named, unbound, anchorFile, bindAnchorFile, stop };
  } catch (error) {
    await named.stop();
    throw error;
  }
}
