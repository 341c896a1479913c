// One agent, read from one ServiceMode SVCB record (draft-mozleywilliams-dnsop-dnsaid-02, RFC 9460).
// This is the boundary: what comes out of here is checked, what is hostile does not come out.

import { DnsError, type SecurityStatus, SvcParamKey, svcParamKeyName } from '@countersign/dns';
import { quotePeer } from '@countersign/tls';
import type { DiscoveryProblem } from './discovery.js';
import { endpointProblem, hostText } from './endpoint.js';
import type { AgentName } from './fqdn.js';
import { mandatoryKeys, unsupportedKeys } from './mandatory.js';
import {
  type AgentProtocol,
  agentProtocols,
  parseAgentProtocol,
  parseBap,
  recordProtocol,
} from './protocol.js';
import type { ServiceRecord } from './service-set.js';

/** One agent as its DNS record describes it. Names are lower case, without the final dot. */
export interface AgentRecord {
  /** The owner name that was asked for this agent. */
  readonly fqdn: string;
  readonly name: string;
  readonly domain: string;
  readonly protocol: AgentProtocol;
  /** The host that answers for the agent: a host name, never an address, never underscored. */
  readonly target: string;
  readonly port: number;
  /** SvcPriority: lower is preferred. */
  readonly priority: number;
  /** The ALPN identifiers as published; `mcp` and `a2a` among them are never offered in TLS. */
  readonly alpn: readonly string[];
  readonly bap?: string;
  /** Where the capability document is; carried, not fetched. */
  readonly cap?: string;
  /** Unpadded base64url of the document's SHA-256. */
  readonly capSha256?: string;
  readonly policy?: string;
  readonly realm?: string;
  readonly sig?: string;
  readonly connectClass?: string;
  readonly connectMeta?: string;
  readonly enrollUri?: string;
  readonly wellKnown?: string;
  /** The names of the keys that were mandatory, listed or automatically; all of them are implemented. */
  readonly mandatory: readonly string[];
  /** How far the look-up was authenticated: the weakest of every step to this record. */
  readonly dnssec: SecurityStatus;
  /** Seconds. */
  readonly ttl: number;
  /** When it was looked up, ISO 8601. */
  readonly discoveredAt: string;
  readonly endpointSource: 'dns_svcb';
}

/** Where and how a service record was found. */
export interface RecordOrigin {
  readonly agent: AgentName;
  /** The protocol to assume when the record names none. */
  readonly hint?: AgentProtocol;
  readonly dnssec: SecurityStatus;
  /** Seconds. */
  readonly ttl: number;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

export type RecordReading =
  | { readonly ok: true; readonly record: AgentRecord }
  | { readonly ok: false; readonly problem: DiscoveryProblem };

interface TextParam {
  readonly name: string;
  readonly key: number;
  /** Octets. */
  readonly maxLength: number;
  readonly pattern?: RegExp;
}

const textParams = [
  { name: 'bap', key: SvcParamKey.bap, maxLength: 128 },
  { name: 'cap', key: SvcParamKey.cap, maxLength: 2048 },
  { name: 'capSha256', key: SvcParamKey['cap-sha256'], maxLength: 43 },
  { name: 'policy', key: SvcParamKey.policy, maxLength: 2048 },
  { name: 'realm', key: SvcParamKey.realm, maxLength: 255 },
  { name: 'sig', key: SvcParamKey.sig, maxLength: 8192, pattern: /^[\w.=-]+$/ },
  { name: 'connectClass', key: SvcParamKey['connect-class'], maxLength: 64, pattern: /^[A-Za-z0-9-]+$/ },
  { name: 'connectMeta', key: SvcParamKey['connect-meta'], maxLength: 2048 },
  { name: 'enrollUri', key: SvcParamKey['enroll-uri'], maxLength: 2048 },
  // A suffix, or a path of this origin, that cannot lead anywhere else.
  {
    name: 'wellKnown',
    key: SvcParamKey['well-known'],
    maxLength: 128,
    pattern: /^\/?(?!\.{1,2}(?:\/|$))[\w.-]+(?:\/(?!\.{1,2}(?:\/|$))[\w.-]+)*$/,
  },
] as const satisfies readonly TextParam[];

type TextParamName = (typeof textParams)[number]['name'];

/** Control, format and separator characters, quotes and the backslash: none belongs in a parameter. */
const forbidden = /[\p{C}\p{Zl}\p{Zp}"'`\\]/u;

const maxAlpnIds = 16;

/** Reads one service record, or says why it gives no agent. */
export function readAgentRecord(service: ServiceRecord, origin: RecordOrigin): RecordReading {
  const { agent } = origin;
  const problem = (reason: string, detail: string): RecordReading => ({
    ok: false,
    problem: { fqdn: agent.fqdn, reason, detail },
  });
  const malformed = (detail: string) => problem('record_malformed', detail);

  const mandatory = mandatoryKeys(service.params, service.values);
  const unsupported = unsupportedKeys(mandatory);
  if (unsupported.length > 0) {
    const names = quotePeer(unsupported.join(', '));
    return problem(
      'mandatory_unsupported',
      `the record makes ${names} mandatory, which is not implemented here`,
    );
  }

  const target = targetOf(service);
  const port = service.params.port ?? 443;
  const wrong = endpointProblem(target, port);
  if (wrong !== undefined) return malformed(wrong);

  const alpn = service.params.alpn ?? [];
  if (alpn.length > maxAlpnIds || alpn.some((id) => forbidden.test(id) || id.length > 64)) {
    return malformed(`alpn holds more than ${maxAlpnIds} identifiers, or one with forbidden characters`);
  }
  if (service.params.noDefaultAlpn && !alpn.some(isSpoken)) {
    return problem(
      'alpn_unsupported',
      `the endpoint speaks only ${quotePeer(alpn.join(', '))}, not HTTP/1.1`,
    );
  }

  const params: Partial<Record<TextParamName, string>> = {};
  for (const spec of textParams) {
    const octets = service.values.get(spec.key);
    if (octets === undefined) continue;
    const value = readText(service, octets, spec);
    if (value === undefined) {
      const limit = `empty, over ${spec.maxLength} octets, or holds what it must not`;
      return malformed(`${svcParamKeyName(spec.key)} is ${limit}`);
    }
    params[spec.name] = value;
  }
  if (params.bap !== undefined && parseBap(params.bap) === undefined) {
    return malformed(`bap is ${quotePeer(params.bap)}, wanted PROTOCOL or PROTOCOL=VERSION`);
  }
  if (params.capSha256 !== undefined && !isSha256(params.capSha256)) {
    return malformed('cap-sha256 is not the unpadded base64url of 32 octets');
  }

  const protocol = recordProtocol(params.bap, alpn, agent.protocol ?? origin.hint);
  if (protocol === undefined) {
    const seen = quotePeer(params.bap ?? alpn.join(', '));
    return problem(
      'protocol_unknown',
      `the record names ${seen || 'no protocol'}, wanted ${agentProtocols.join(', ')}`,
    );
  }

  return {
    ok: true,
    record: {
      fqdn: agent.fqdn,
      name: agent.name,
      domain: agent.domain,
      protocol,
      target,
      port,
      priority: service.priority,
      alpn,
      ...params,
      mandatory: mandatory.map(svcParamKeyName),
      dnssec: origin.dnssec,
      ttl: origin.ttl,
      discoveredAt: new Date(origin.atMs).toISOString(),
      endpointSource: 'dns_svcb',
    },
  };
}

/** The TargetName as a host name; "." means the owner of the record (RFC 9460 section 2.5.2). */
function targetOf(service: ServiceRecord): string {
  return hostText(service.target.labelCount === 0 ? service.owner : service.target);
}

/** True for what HTTP/1.1 over TLS can carry: the transport itself, or an agent protocol in its place. */
function isSpoken(id: string): boolean {
  return id === 'http/1.1' || parseAgentProtocol(id) !== undefined;
}

function readText(service: ServiceRecord, octets: Uint8Array, spec: TextParam): string | undefined {
  if (octets.length === 0 || octets.length > spec.maxLength) return undefined;
  try {
    const value = service.params.text(spec.key);
    if (value === undefined || forbidden.test(value) || spec.pattern?.test(value) === false) return undefined;
    return value;
  } catch (error) {
    if (error instanceof DnsError) return undefined; // not UTF-8
    throw error;
  }
}

/** 32 octets in unpadded base64url, in their one canonical spelling. */
function isSha256(value: string): boolean {
  const octets = Buffer.from(value, 'base64url');
  return octets.length === 32 && octets.toString('base64url') === value;
}
