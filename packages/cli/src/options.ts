// The flags that several verbs share, read into values at once: what commander hands on is already checked.

import { isIP } from 'node:net';
import type { AgentProtocol } from '@countersign/agent';
import { type ProfileName, profileNames } from '@countersign/agent/config';
import { isCountersignError } from '@countersign/core';
import { type DnsServer, parseServer } from '@countersign/dns';
import { type Command, InvalidArgumentError, Option } from 'commander';

/** The flags of every verb. */
export interface CommonFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  /** The configuration file. */
  readonly config?: string;
}

/** The flags of a verb that asks the DNS. */
export interface LookupFlags extends CommonFlags {
  readonly server?: readonly DnsServer[];
  /** A file of DS or DNSKEY records. */
  readonly anchor?: string;
  /** Milliseconds since the epoch. */
  readonly at?: number;
}

/** The flags of a verb that talks to agents. */
export interface AgentFlags extends LookupFlags {
  /** Files of PEM certificates. */
  readonly ca?: readonly string[];
  /** CIDRs and single addresses. */
  readonly allowAddress?: readonly string[];
  readonly profile?: ProfileName;
  readonly preferDane?: boolean;
  readonly requireDane?: boolean;
  readonly requireDnssec?: boolean;
  readonly verifyFreshnessSeconds?: number;
  /** Milliseconds. */
  readonly timeout?: number;
}

/** Adds `--json`, `--quiet` and `--config` to the program; they may stand before or after the verb. */
export function addCommonOptions(program: Command): Command {
  return program
    .option('--json', 'print one JSON document and nothing else')
    .option('--quiet', 'print nothing but errors; the exit code tells')
    .option('--config <file>', 'read countersign.yaml from here');
}

/** Adds the flags of a look-up. */
export function addLookupOptions(command: Command): Command {
  return command
    .option(
      '--server <host#port>',
      'DNS server to ask; tcp://, tls://, https:// too (repeatable)',
      collect(readServer),
    )
    .option('--anchor <file>', 'trust anchors: DS or DNSKEY records, one a line')
    .option('--at <time>', 'validate as of this moment, ISO 8601', readMoment);
}

/** Adds the flags of a verb that talks to agents. */
export function addAgentOptions(command: Command): Command {
  return addLookupOptions(command)
    .option('--ca <file>', 'trust these PEM certificates too (repeatable)', collect(readText))
    .option('--allow-address <cidr>', 'allow this private address or network (repeatable)', collect(readCidr))
    .addOption(
      new Option('--profile <name>', 'what to ask of DANE, DNSSEC and freshness').choices(profileNames),
    )
    .option('--prefer-dane', 'check TLSA records where they stand')
    .option('--no-prefer-dane', 'do not')
    .option('--require-dane', 'refuse a peer without a matching TLSA record')
    .option('--no-require-dane', 'do not')
    .option('--require-dnssec', 'refuse answers that are not secure')
    .option('--no-require-dnssec', 'do not')
    .option('--verify-freshness-seconds <n>', 'look again before a call at older records', readSeconds)
    .option('--timeout <ms>', 'for one call or verification, in all', readTimeout);
}

/** Adds `--protocol`. */
export function addProtocolOption(command: Command): Command {
  return command.addOption(
    new Option('--protocol <name>', 'only agents that speak this').choices(['mcp', 'a2a', 'https']),
  );
}

export interface ProtocolFlag {
  readonly protocol?: AgentProtocol;
}

/** A repeatable flag: its values in order. */
export function collect<T>(
  read: (text: string) => T,
): (text: string, earlier: readonly T[] | undefined) => T[] {
  return (text, earlier) => [...(earlier ?? []), read(text)];
}

/** A flag's text as it is; empty is refused. */
export function readText(text: string): string {
  if (text === '') throw new InvalidArgumentError('It is empty.');
  return text;
}

function readServer(text: string): DnsServer {
  try {
    return parseServer(text);
  } catch (error) {
    if (isCountersignError(error)) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

// A whole day or a moment with its zone: "2026-11-21T12:00:00" would mean another moment on every machine.
const moment = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

function readMoment(text: string): number {
  const ms = moment.test(text) ? Date.parse(text) : Number.NaN;
  const day = text.slice(0, 10);
  // The runtime takes February 30 for March 2.
  const exists = !Number.isNaN(ms) && new Date(day).toISOString().startsWith(day);
  if (!exists) throw new InvalidArgumentError('Write 2026-11-21 or 2026-11-21T12:00:00Z.');
  return ms;
}

function readCidr(text: string): string {
  const [address = '', prefix, ...more] = text.split('/');
  const family = address.includes('%') ? 0 : isIP(address);
  // An address alone stands for itself.
  const fits =
    prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
  if (family === 0 || !fits || more.length > 0) {
    throw new InvalidArgumentError('Write a CIDR, for instance 127.0.0.0/8 or fd00::/8, or one address.');
  }
  return text;
}

function readSeconds(text: string): number {
  return readCount(text, 0, 31_536_000, 'seconds');
}

function readTimeout(text: string): number {
  return readCount(text, 1, 3_600_000, 'milliseconds');
}

function readCount(text: string, min: number, max: number, unit: string): number {
  const count = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(count >= min && count <= max)) {
    throw new InvalidArgumentError(`Write a whole number of ${unit} from ${min} to ${max}.`);
  }
  return count;
}
