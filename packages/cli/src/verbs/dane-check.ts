// `countersign dane check`: does a certificate chain match TLSA records, without a network.

import { readTextFile } from '@countersign/config';
import type { Tlsa } from '@countersign/dns';
import type { DaneMatch } from '@countersign/tls';
import type { Command } from 'commander';
import { UsageError } from '../error.js';
import { collect, readText } from '../options.js';
import { hang, printable, type Report } from '../output.js';
import { certificatesOf, readPemText } from '../pem.js';
import type { Session } from '../session.js';
import { readCertificates } from '../settings.js';
import { parseTlsaFile, parseTlsaText } from '../tlsa-text.js';

const maxFileBytes = 1024 * 1024;

interface Flags {
  readonly chain: string;
  readonly name?: string;
  readonly tlsa?: readonly string[];
  readonly tlsaFile?: string;
  readonly ca?: readonly string[];
  readonly checkTime: boolean;
  readonly nameCheck: boolean;
}

export function addDaneCheck(dane: Command, session: Session): void {
  dane
    .command('check')
    .description('match a certificate chain against TLSA records, offline')
    .requiredOption('--chain <pem>', 'the certificates that the server sends, its own first')
    .option('--name <host>', 'the name that the certificate has to be for')
    .option('--tlsa <record>', 'a record, for instance "3 1 1 9f86…" (repeatable)', collect(readText))
    .option('--tlsa-file <file>', 'records as in a zone file, one a line or within parentheses')
    .option('--ca <pem>', 'the trusted authorities, for usages 0 and 1 (repeatable)', collect(readText))
    .option('--no-check-time', 'leave the dates of the certificates aside')
    .option('--no-name-check', 'leave the name aside (RFC 7671 section 5.1 allows it)')
    .action((_: unknown, command: Command) =>
      session.run(async () => report(await check(command.optsWithGlobals<Flags>()))),
    );
}

async function check(flags: Flags): Promise<DaneMatch> {
  if (flags.tlsa === undefined && flags.tlsaFile === undefined) {
    throw new UsageError('no record to match: give --tlsa "3 1 1 HEX" or --tlsa-file FILE');
  }
  if (flags.name === undefined && flags.nameCheck) {
    throw new UsageError('no name to check: give --name HOST, or --no-name-check');
  }
  const chain = certificatesOf(await readPemText(flags.chain, 'the chain', maxFileBytes), flags.chain);
  // The authorities have no say over DANE-EE(3), the usage that is evaluated; a wrong file is still told.
  await Promise.all((flags.ca ?? []).map(readCertificates));
  const { checkDaneOffline } = await import('@countersign/tls');
  return checkDaneOffline({
    chain,
    records: await readRecords(flags),
    checkNames: flags.nameCheck,
    ...(flags.name === undefined ? {} : { name: flags.name }),
  });
}

async function readRecords(flags: Flags): Promise<readonly Tlsa[]> {
  const given = (flags.tlsa ?? []).map((text) => parseTlsaText(text, '--tlsa'));
  if (flags.tlsaFile === undefined) return given;
  const text = await readTextFile(flags.tlsaFile, 'the TLSA records', maxFileBytes);
  return [...given, ...parseTlsaFile(text, flags.tlsaFile)];
}

function report(match: DaneMatch): Report {
  const { verdict, depth, usage, records, seen, why } = match;
  return {
    holds: verdict === 'match',
    json: {
      verdict,
      depth: depth ?? null,
      usage: usage ?? null,
      ...(records === undefined ? {} : { records }),
      ...(seen === undefined ? {} : { seen }),
      why,
    },
    lines: (style) => {
      const dressed = verdict === 'match' ? style.good(verdict) : style.bad(verdict);
      return hang(`${dressed}: `, verdict.length + 2, printable(why), style);
    },
  };
}
