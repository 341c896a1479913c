// What a run goes by: flags over the environment over the file over the defaults. The one schema of
// countersign.yaml is composed here, of the sections that the packages own.

import { X509Certificate } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { type DiscoveryConfig, discoveryEnvironment, discoverySchema } from '@countersign/agent/config';
import { type EnvironmentKeys, loadConfig, readTextFile } from '@countersign/config';
import type { Clock } from '@countersign/core';
import {
  createResolver,
  type DnsServer,
  parseAnchors,
  parseServer,
  type Resolver,
  type TrustAnchor,
} from '@countersign/dns';
import { dnsEnvironment, dnsSchema } from '@countersign/dns/config';
import { z } from 'zod';
import { UsageError } from './error.js';
import type { Host } from './host.js';
import type { AgentFlags, CommonFlags, LookupFlags } from './options.js';
import { certificatesOf, readPemText } from './pem.js';

/** The whole file. */
export const configSchema = z.strictObject({
  dns: dnsSchema.prefault({}),
  discovery: discoverySchema.prefault({}),
});

export type Config = z.output<typeof configSchema>;

/** The environment variables that override the file, with their key paths. */
export const environmentKeys: EnvironmentKeys = { ...dnsEnvironment, ...discoveryEnvironment };

const maxTextBytes = 1024 * 1024;

/** The file's text of PEM certificates, checked to hold at least one and none that cannot be read. */
export async function readCertificates(path: string): Promise<string> {
  const text = await readPemText(path, 'the certificates', maxTextBytes);
  for (const [index, der] of certificatesOf(text, path).entries()) {
    try {
      new X509Certificate(der);
    } catch (cause) {
      throw new UsageError(`certificate ${index + 1} of ${path} cannot be read`, { cause });
    }
  }
  return text;
}

/** The file that is named by `--config` or COUNTERSIGN_CONFIG. */
export function configFileOf(flags: CommonFlags, host: Host): string | undefined {
  return flags.config ?? (host.env.COUNTERSIGN_CONFIG || undefined);
}

/** The configuration, and a function that reads its relative paths from where the file stands. */
export async function loadSettings(flags: CommonFlags, host: Host) {
  const file = configFileOf(flags, host);
  const config = await loadConfig({
    schema: configSchema,
    ...(file === undefined ? {} : { file }),
    env: host.env,
    environmentKeys,
  });
  const besideFile = (path: string): string => (file === undefined ? path : resolve(dirname(file), path));
  return { file, config, besideFile };
}

export type Settings = Awaited<ReturnType<typeof loadSettings>>;

/** The file of trust anchors that the configuration names. */
export function anchorFileOf({ config: { dns }, besideFile }: Settings, host: Host): string | undefined {
  // A path of the environment is read from the working directory, one of the file from beside the file.
  if (host.env.COUNTERSIGN_DNS_ANCHORS) return host.env.COUNTERSIGN_DNS_ANCHORS;
  return dns.anchors === undefined ? undefined : besideFile(dns.anchors);
}

/** The trust anchors of a file. */
export async function readAnchors(path: string): Promise<readonly TrustAnchor[]> {
  return parseAnchors(await readTextFile(path, 'the trust anchors', maxTextBytes));
}

/** The resolver that the flags and the configuration ask for. */
export async function createResolverFor(flags: LookupFlags, host: Host): Promise<Resolver> {
  return buildResolver(flags, host, await loadSettings(flags, host));
}

/** The resolver of settings that are already loaded. */
export async function buildResolver(flags: LookupFlags, host: Host, settings: Settings): Promise<Resolver> {
  const { dns } = settings.config;
  const servers: readonly DnsServer[] | undefined = flags.server ?? dns.servers?.map(parseServer);
  const anchorFile = flags.anchor ?? anchorFileOf(settings, host);
  const anchors = anchorFile === undefined ? undefined : await readAnchors(anchorFile);
  const clock = clockOf(flags);
  return createResolver({
    timeoutMs: dns.timeout_ms,
    skewSeconds: dns.skew_seconds,
    acceptSha1: dns.accept_sha1,
    trust: dns.trust,
    negativeAnchors: dns.negative_anchors,
    ...(servers === undefined ? {} : { servers }),
    ...(anchors === undefined ? {} : { anchors }),
    ...(clock === undefined ? {} : { clock }),
  });
}

/**
 * The `discovery:` section with the command line's flags in their place. A profile on the command line stands
 * for all that it sets, so the single keys of the file do not override it.
 */
export function flaggedSection(section: DiscoveryConfig, flags: AgentFlags): DiscoveryConfig {
  if (flags.requireDane === true && flags.preferDane === false) {
    throw new UsageError('--require-dane and --no-prefer-dane contradict each other: leave one away');
  }
  const { prefer_dane, require_dane, require_dnssec, verify_freshness_seconds, ...rest } = section;
  const base: DiscoveryConfig = flags.profile === undefined ? section : { ...rest, profile: flags.profile };
  return {
    ...base,
    // What is not even preferred is not required, unless the same command line says so.
    ...(flags.preferDane === false ? { require_dane: false } : {}),
    ...(flags.preferDane === undefined ? {} : { prefer_dane: flags.preferDane }),
    ...(flags.requireDane === undefined ? {} : { require_dane: flags.requireDane }),
    ...(flags.requireDnssec === undefined ? {} : { require_dnssec: flags.requireDnssec }),
    ...(flags.verifyFreshnessSeconds === undefined
      ? {}
      : { verify_freshness_seconds: flags.verifyFreshnessSeconds }),
  };
}

/** The moment of `--at` as a clock that stands still. */
export function clockOf(flags: LookupFlags): Clock | undefined {
  const { at } = flags;
  return at === undefined ? undefined : () => at;
}
