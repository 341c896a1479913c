// Trees of zones in which every key is told one by one: which are published, which sign, which the parent's DS
// records name. So that a tree can stand in any phase of a rollover, the broken ones included.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Limiter } from './parallel.js';
import { mustRun } from './program.js';
import { readZone, type Tampering, writeRecords, type ZoneRecord } from './tamper.js';
import { type Algorithm, algorithmFlags, signerTime, type ZoneFile, zonePath, zoneText } from './zone.js';

export interface KeyPlan {
  readonly name: string;
  /** A `ksk` signs the zone's keys and a `zsk` all else; a `csk` has a `ksk`'s flags and signs both. */
  readonly role: 'ksk' | 'zsk' | 'csk';
  /** Default `ECDSAP256SHA256`. */
  readonly algorithm?: Algorithm;
  /** With the REVOKE flag of RFC 5011. */
  readonly revoked?: boolean;
}

export interface DsPlan {
  readonly key: string;
  /** SHA-1, SHA-256 (default) or SHA-384. */
  readonly digest?: 1 | 2 | 4;
  /** Changes the record's data, `TAG ALGORITHM DIGESTTYPE DIGEST`. */
  readonly change?: (data: string) => string;
}

/** NSEC3 parameters, or plain NSEC. */
export type DenialPlan =
  | 'nsec'
  | { readonly iterations: number; readonly salt: string; readonly optOut?: boolean };

export interface ZonePlan {
  readonly origin: string;
  readonly records: readonly string[];
  /** Zones below, delegated from here. */
  readonly children?: readonly ZonePlan[];
  /** Default: `ksk` and `zsk`. None for an unsigned zone. */
  readonly keys?: readonly KeyPlan[];
  /** The keys in the DNSKEY RRset. Default all. */
  readonly published?: readonly string[];
  /** The keys that sign. Default all. */
  readonly signing?: readonly string[];
  /** Default: the SHA-256 digest of every published key that is a `ksk` or `csk`. */
  readonly ds?: readonly DsPlan[];
  /** Default `nsec`. */
  readonly denial?: DenialPlan;
  /** Days from now. Default from 70 days ago to 30 days ahead. */
  readonly validFor?: readonly [from: number, to: number];
  /** Done to the signed zone. */
  readonly tamper?: Tampering;
}

export const ordinaryKeys: readonly KeyPlan[] = [
  { name: 'ksk', role: 'ksk' },
  { name: 'zsk', role: 'zsk' },
];

// BIND's signer takes no more; ldns's does.
const maxIterationsOfBind = 150;
const dayMs = 24 * 60 * 60_000;

interface Signed extends ZoneFile {
  readonly plan: ZonePlan;
}

/** Writes and signs a zone and all below it, and then tampers where the plans say so. */
export async function buildZones(
  folder: string,
  top: ZonePlan,
  limit: Limiter,
): Promise<readonly ZoneFile[]> {
  const built: Signed[] = [];
  await build(folder, top, limit, built);
  const untouched = new Map<string, readonly ZoneRecord[]>();
  const zoneOf = (origin: string): readonly ZoneRecord[] => {
    const records = untouched.get(origin);
    if (records === undefined) throw new Error(`There is no zone ${origin} to take records from`);
    return records;
  };
  for (const { origin, path } of built) untouched.set(origin, readZone(await readFile(path, 'utf8')));
  for (const { origin, path, plan } of built) {
    if (plan.tamper !== undefined) await writeFile(path, writeRecords(plan.tamper(zoneOf(origin), zoneOf)));
  }
  return built;
}

async function build(folder: string, plan: ZonePlan, limit: Limiter, built: Signed[]): Promise<Signed> {
  const keyFiles = new Map<string, string>();
  const [children] = await Promise.all([
    Promise.all((plan.children ?? []).map((child) => build(folder, child, limit, built))),
    ...(plan.keys ?? ordinaryKeys).map(async (key) => {
      keyFiles.set(key.name, await limit(() => makeKey(folder, plan.origin, key)));
    }),
  ]);
  const delegations = children.flatMap(({ origin, ds }) => [
    `${origin} NS ns.${origin}`,
    `ns.${origin} A 127.0.0.1`,
    ...ds,
  ]);
  const text = zoneText(plan.origin, [...plan.records, ...delegations]);
  const zone = await limit(() => sign(folder, plan, text, keyFiles));
  built.push(zone);
  return zone;
}

/** @returns the path of the key's files, without an ending */
async function makeKey(folder: string, origin: string, key: KeyPlan): Promise<string> {
  const algorithm = algorithmFlags(key.algorithm ?? 'ECDSAP256SHA256');
  const flags = key.role === 'zsk' ? [] : ['-f', 'KSK'];
  const name = await mustRun('dnssec-keygen', ['-q', '-K', folder, ...algorithm, ...flags, origin]);
  const path = join(folder, name.trim());
  return key.revoked ? (await mustRun('dnssec-revoke', [path])).trim() : path;
}

async function sign(
  folder: string,
  plan: ZonePlan,
  text: string,
  keyFiles: ReadonlyMap<string, string>,
): Promise<Signed> {
  const { origin, denial = 'nsec' } = plan;
  const keys = plan.keys ?? ordinaryKeys;
  const path = zonePath(folder, origin);
  if (keys.length === 0) {
    await writeFile(path, text);
    return { origin, path, ds: [], plan };
  }
  const fileOf = (name: string): string => {
    const file = keyFiles.get(name);
    if (file === undefined) throw new Error(`${origin} has no key named ${name}`);
    return file;
  };
  const published = plan.published ?? keys.map(({ name }) => name);
  const dnskeys = await Promise.all(published.map((name) => readFile(`${fileOf(name)}.key`, 'utf8')));
  await writeFile(path, `${text}${dnskeys.join('')}`);

  const signed = `${path}.signed`;
  const [from, to] = (plan.validFor ?? [-70, 30]).map((days) => signerTime(Date.now() + days * dayMs));
  const signing = (plan.signing ?? keys.map(({ name }) => name)).map(fileOf);
  if (from === undefined || to === undefined) throw new Error('A validity has two ends');
  if (denial !== 'nsec' && denial.iterations > maxIterationsOfBind) {
    const nsec3 = [
      '-n',
      '-t',
      String(denial.iterations),
      '-s',
      denial.salt,
      ...(denial.optOut ? ['-p'] : []),
    ];
    await mustRun('ldns-signzone', [
      ...nsec3,
      '-i',
      from,
      '-e',
      to,
      '-o',
      origin,
      '-f',
      signed,
      path,
      ...signing,
    ]);
  } else {
    const nsec3 = denial === 'nsec' ? [] : ['-3', denial.salt === '' ? '-' : denial.salt];
    const more = denial === 'nsec' ? [] : ['-H', String(denial.iterations), ...(denial.optOut ? ['-A'] : [])];
    // -P: a zone whose signatures or keys are not in order does not pass the signer's own check.
    const separate = keys.some(({ role }) => role === 'csk') ? ['-z'] : ['-x'];
    await mustRun(
      'dnssec-signzone',
      [
        ...['-q', '-P', ...separate, '-O', 'full', '-d', folder, '-o', origin, '-f', signed],
        ...['-s', from, '-e', to, '-j', '0', ...nsec3, ...more, path, ...signing],
      ],
      { cwd: folder },
    );
  }
  const ofEntryPoints = keys
    .filter(({ name, role }) => role !== 'zsk' && published.includes(name))
    .map(({ name }) => ({ key: name }));
  const ds = await Promise.all(
    (plan.ds ?? ofEntryPoints).map((one) => dsRecord(origin, fileOf(one.key), one)),
  );
  return { origin, path: signed, ds, plan };
}

async function dsRecord(origin: string, keyFile: string, { digest = 2, change }: DsPlan): Promise<string> {
  const line = await mustRun('ldns-key2ds', ['-f', '-n', `-${digest}`, `${keyFile}.key`]);
  const data = /\sDS\s+(.*\S)/.exec(line)?.[1]?.toUpperCase();
  if (data === undefined) throw new Error(`ldns-key2ds printed no DS record: ${line}`);
  return `${origin} DS ${change === undefined ? data : change(data)}`;
}
