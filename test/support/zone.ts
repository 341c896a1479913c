// Zones as an operator makes them: a zone file, keys by dnssec-keygen, signatures by dnssec-signzone, the DS
// by dnssec-dsfromkey; and what an attacker or an accident does to the signed file afterwards.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from './program.js';

/** The signature algorithms that dnssec-keygen offers, by its names: 5, 7, 8, 10, 13, 14, 15 and 16. */
export type Algorithm =
  | 'RSASHA1'
  | 'NSEC3RSASHA1'
  | 'RSASHA256'
  | 'RSASHA512'
  | 'ECDSAP256SHA256'
  | 'ECDSAP384SHA384'
  | 'ED25519'
  | 'ED448';

/** How a zone proves that something does not exist. */
export type Denial = 'nsec' | 'nsec3' | 'nsec3-optout';

export interface Signing {
  readonly algorithm: Algorithm;
  readonly denial: Denial;
  /** When the signatures begin and end, milliseconds since the epoch. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface ZoneSource {
  /** Absolute, for instance `acme.example.`; the root is `.`. */
  readonly origin: string;
  /** Records in master-file form, relative to the origin; SOA, NS and the server's address are added. */
  readonly records: readonly string[];
  /** Unsigned when left out. */
  readonly signing?: Signing;
}

export interface ZoneFile {
  readonly origin: string;
  readonly path: string;
  /** The DS records of its key-signing key, for the parent; none for an unsigned zone. */
  readonly ds: readonly string[];
}

const denialOptions: Readonly<Record<Denial, readonly string[]>> = {
  nsec: [],
  // No salt and no further iterations, as RFC 9276 asks.
  nsec3: ['-3', '-', '-H', '0'],
  'nsec3-optout': ['-3', '-', '-H', '0', '-A'],
};

/** Writes a zone's file into a folder and signs it when it is to be signed. */
export async function writeZone(folder: string, zone: ZoneSource): Promise<ZoneFile> {
  const { origin, signing } = zone;
  const path = zonePath(folder, origin);
  await writeFile(path, zoneText(origin, zone.records));
  if (signing === undefined) return { origin, path, ds: [] };

  const keygen = async (...flags: string[]) => {
    const args = ['-q', '-K', folder, ...algorithmFlags(signing.algorithm), ...flags, '-n', 'ZONE', origin];
    return (await mustRun('dnssec-keygen', args)).trim();
  };
  const [keySigningKey] = await Promise.all([keygen('-f', 'KSK'), keygen()]);
  const signed = `${path}.signed`;
  // -P: a zone whose signatures have run out does not pass the signer's own check.
  const expired = signing.notAfterMs < Date.now() ? ['-P'] : [];
  await mustRun(
    'dnssec-signzone',
    [
      ...['-q', '-S', '-x', '-O', 'full', '-K', folder, '-d', folder, '-o', origin, '-f', signed],
      ...['-s', signerTime(signing.notBeforeMs), '-e', signerTime(signing.notAfterMs), '-j', '0'],
      ...expired,
      ...denialOptions[signing.denial],
      path,
    ],
    { cwd: folder },
  );
  const ds = await mustRun('dnssec-dsfromkey', ['-2', join(folder, `${keySigningKey}.key`)]);
  return { origin, path: signed, ds: ds.trim().split('\n') };
}

/** Where a zone's file stands before it is signed. */
export function zonePath(folder: string, origin: string): string {
  return join(folder, `${origin === '.' ? 'root' : origin.slice(0, -1)}.zone`);
}

/** A zone's master file: its records below the SOA, NS and server's address that every zone has. */
export function zoneText(origin: string, records: readonly string[]): string {
  const lines = [
    `$ORIGIN ${origin}`,
    '$TTL 300',
    '@ SOA ns hostmaster 1 7200 3600 1209600 300',
    '@ NS ns',
    'ns A 127.0.0.1',
    ...records,
  ];
  return `${lines.join('\n')}\n`;
}

/** What tells dnssec-keygen the algorithm. */
export function algorithmFlags(algorithm: Algorithm): readonly string[] {
  return ['-a', algorithm, ...(algorithm.includes('RSA') ? ['-b', '2048'] : [])];
}

/** A time as the signers take it: YYYYMMDDHHMMSS in UTC. */
export function signerTime(ms: number): string {
  return new Date(ms)
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/\D/g, '');
}

/** Takes the signature over one RRset out of a signed zone file, as an attacker on the path does. */
export function stripSignature(path: string, owner: string, type: string): Promise<void> {
  return editLines(path, `RRSIG over ${owner} ${type}`, (fields) =>
    fields[0] === owner && fields[3] === 'RRSIG' && fields[4] === type ? [] : undefined,
  );
}

/** Changes one record's data under its old signature. */
export function forgeRecord(path: string, owner: string, type: string, rdata: string): Promise<void> {
  return editLines(path, `${owner} ${type}`, (fields) =>
    fields[0] === owner && fields[3] === type ? [...fields.slice(0, 4), rdata] : undefined,
  );
}

/** @param edit a line's new fields, none to drop the line, undefined to leave it as it is */
async function editLines(
  path: string,
  what: string,
  edit: (fields: readonly string[]) => readonly string[] | undefined,
): Promise<void> {
  let edits = 0;
  const lines = (await readFile(path, 'utf8')).split('\n').flatMap((line) => {
    const edited = edit(line.split(/\s+/));
    if (edited === undefined) return [line];
    edits += 1;
    return edited.length === 0 ? [] : [edited.join(' ')];
  });
  // An edit that hits nothing would let a test pass for the wrong reason.
  if (edits !== 1) throw new Error(`${what} stands ${edits} times in ${path}, not once`);
  await writeFile(path, lines.join('\n'));
}
