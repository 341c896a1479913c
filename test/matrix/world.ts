// The matrix made real: all zones below one signed root, served by named and by NSD, with an Unbound in front of each,
// and every question put to all of them and to us.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ClosableResolver,
  createResolver,
  parseAnchors,
  parseRrType,
  rcodeName,
  type SecurityStatus,
} from '@countersign/dns';
import { buildZones, type ZonePlan } from '../support/keyed-zone.js';
import { type NameServer, startNamed, startNsd, startUnbound } from '../support/nameserver.js';
import { createLimiter } from '../support/parallel.js';
import { askDelv, askUnboundAll, type Question } from '../support/peers.js';
import { each } from '../support/tamper.js';
import type { ZoneFile } from '../support/zone.js';
import type { Case } from './cases.js';
import type { Witness } from './differences.js';
import { originOf, type Variant } from './variant.js';

/** What one witness says; what no server would answer is indeterminate, for which Unbound has no word but bogus. */
export interface Testimony {
  readonly status: SecurityStatus;
  /** Where the answer may be used. */
  readonly rcode?: string;
}

export interface Judgement {
  readonly testimonies: Readonly<Record<Witness, Testimony>>;
  /** Our reason on what named gives, in words and as an Extended DNS Error. */
  readonly why: string;
  readonly ede: number | undefined;
}

function treeOf(variants: readonly Variant[]): ZonePlan {
  const children = variants.map(({ label, plan }) => ({ origin: originOf(label), ...plan }));
  const tamperings = variants.flatMap(({ parentTamper }) => parentTamper ?? []);
  const tld: ZonePlan = { origin: 'example.', records: [], children, tamper: each(...tamperings) };
  return { origin: '.', records: [], children: [tld] };
}

/** Two processors, and something to do while one waits. */
const limit = createLimiter(3);

async function startAll<T>(
  starts: readonly Promise<T>[],
  stop: (one: T) => Promise<void>,
): Promise<readonly T[]> {
  const settled = await Promise.allSettled(starts);
  const failed = settled.find((one) => one.status === 'rejected');
  const started = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  if (failed === undefined) return started;
  await Promise.all(started.map(stop));
  throw failed.reason;
}

async function startServers(folder: string, zones: readonly ZoneFile[], anchorFile: string) {
  const stop = (server: NameServer) => server.stop();
  const [named, nsd] = await startAll([startNamed(folder, zones), startNsd(folder, zones)], stop);
  if (named === undefined || nsd === undefined) throw new Error('Both authorities must start');
  const fronts = [named, nsd].map(({ port }) => startUnbound(folder, zones, port, anchorFile));
  const [unbound, unboundOnNsd] = await startAll(fronts, stop).catch(async (error: unknown) => {
    await Promise.all([named.stop(), nsd.stop()]);
    throw error;
  });
  if (unbound === undefined || unboundOnNsd === undefined) throw new Error('Both Unbounds must start');
  return { named, nsd, unbound, unboundOnNsd };
}

async function ask(resolver: ClosableResolver, { name, type }: Question) {
  const { status, rcode, why, ede } = await resolver.resolve(name, parseRrType(type));
  const usable = status === 'secure' || status === 'insecure';
  const testimony: Testimony = usable ? { status, rcode: rcodeName(rcode) } : { status };
  return { testimony, why, ede };
}

/** Asks one question after the other, each of all three at once, and closes them. */
async function askOurs(
  own: Readonly<Record<'ours' | 'oursOnNsd' | 'oursWithSha1', ClosableResolver>>,
  cases: readonly Case[],
) {
  const judged = [];
  for (const one of cases) {
    const [ours, oursOnNsd, oursWithSha1] = await Promise.all([
      ask(own.ours, one),
      ask(own.oursOnNsd, one),
      ask(own.oursWithSha1, one),
    ]);
    const testimonies = {
      ours: ours.testimony,
      oursOnNsd: oursOnNsd.testimony,
      oursWithSha1: oursWithSha1.testimony,
    };
    judged.push({ testimonies, why: ours.why, ede: ours.ede });
  }
  for (const resolver of Object.values(own)) resolver.close();
  return judged;
}

/** Builds and serves the zones in a folder, asks everybody everything, and stops the servers. */
export async function judge(
  folder: string,
  variants: readonly Variant[],
  cases: readonly Case[],
): Promise<ReadonlyMap<Case, Judgement>> {
  const zones = await buildZones(folder, treeOf(variants), limit);
  const anchored = ['.', ...variants.flatMap(({ label, anchored: own }) => (own ? [originOf(label)] : []))];
  const dnskeys = await Promise.all(
    anchored.map(async (origin) => {
      const zone = zones.find((one) => one.origin === origin);
      if (zone === undefined) throw new Error(`No zone ${origin}`);
      return /^\S+\s+\d+\s+IN\s+DNSKEY\s+257 .*$/m.exec(await readFile(zone.path, 'utf8'))?.[0] ?? '';
    }),
  );
  const anchorFile = join(folder, 'anchors');
  await writeFile(anchorFile, `${dnskeys.join('\n')}\n`);
  const bindAnchorFile = join(folder, 'bind.keys');
  const bindAnchors = dnskeys.map((line) =>
    line.replace(/^(\S+)\s+\d+\s+IN\s+DNSKEY\s+(\d+ \d+ \d+) (.*)$/, '$1 static-key $2 "$3";'),
  );
  await writeFile(bindAnchorFile, `trust-anchors {\n${bindAnchors.join('\n')}\n};\n`);

  const anchors = parseAnchors(await readFile(anchorFile, 'utf8'));
  const servers = await startServers(folder, zones, anchorFile);
  try {
    const resolverAt = ({ port }: NameServer, acceptSha1 = false) =>
      createResolver({ anchors, servers: [{ host: '127.0.0.1', port }], maxCacheBytes: 0, acceptSha1 });
    const own = {
      ours: resolverAt(servers.named),
      oursOnNsd: resolverAt(servers.nsd),
      oursWithSha1: resolverAt(servers.named, true),
    };
    const tree = { named: servers.named, bindAnchorFile };
    // The slowest first, as one process for each question.
    const [delv, mine, unbound, unboundOnNsd] = await Promise.all([
      Promise.all(
        cases.map(({ name, type, variant }) =>
          limit(() => askDelv(tree, name, type, variant.anchored ? originOf(variant.label) : '.')),
        ),
      ),
      askOurs(own, cases),
      askUnboundAll(servers.unbound, cases, join(folder, 'questions')),
      askUnboundAll(servers.unboundOnNsd, cases, join(folder, 'questions-on-nsd')),
    ]);
    return new Map(
      cases.map((one, at) => {
        const [first, second, third, fourth] = [mine[at], unbound[at], unboundOnNsd[at], delv[at]];
        if (!first || !second || !third || !fourth) throw new Error(`${one.name} was not judged by all`);
        const { testimonies, why, ede } = first;
        const others = { unbound: second, unboundOnNsd: third, delv: fourth };
        return [one, { testimonies: { ...testimonies, ...others }, why, ede }];
      }),
    );
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()));
  }
}
