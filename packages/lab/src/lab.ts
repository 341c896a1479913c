// The whole box: a signed DNS tree of three zones, a private CA, two honest agents and an impostor, all on
// loopback. It starts in well under a second and leaves nothing behind.

import type { Clock } from '@countersign/core';
import { type DnsName, formatRdata, parseRdata, RrType, type ServerAddress } from '@countersign/dns';
import { type AgentIdentity, type AgentServer, createIdentity, startAgentServer } from './agent-server.js';
import { createAuthority, selfSigned, tlsaOf } from './authority.js';
import { startDnsServer, type Tamper } from './dns-server.js';
import { quotesHandler } from './https-agent.js';
import { weatherHandler } from './mcp-agent.js';
import { Zone } from './zone.js';

const domain = 'acme.example';
const nameserver = 'ns.example';
const weatherTarget = `edge1.${domain}`;
const quotesTarget = `edge2.${domain}`;

/** What a lab is started with. */
export interface LabOptions {
  /** Dates signatures and certificates. Default `Date.now`. */
  readonly clock?: Clock;
}

/** An agent of the lab, named without the final dot. */
export interface LabAgent {
  readonly fqdn: string;
  readonly target: string;
  readonly port: number;
  /** DER. */
  readonly certificate: Uint8Array;
  /** Application requests that reached it. */
  readonly requests: number;
}

/** A running lab. */
export interface Lab {
  /** Loopback UDP and TCP on one port: it answers for the root, `example.` and `acme.example.`. */
  readonly dns: ServerAddress;
  /** The root's DS record: the trust anchor, in presentation form. */
  readonly anchors: string;
  /** PEM of the private CA. */
  readonly ca: string;
  readonly domain: typeof domain;
  readonly agents: {
    /** MCP; a self-signed certificate pinned by TLSA 3 1 1. */
    readonly weather: LabAgent;
    /** Plain HTTPS; a certificate of the private CA, no TLSA. */
    readonly quotes: LabAgent;
  };
  /** Who takes weather's place: the right name in its certificate, the wrong key. */
  readonly impostor: LabAgent;
  /** Puts the impostor at weather's address and port; connections to weather are destroyed. */
  impersonate(): Promise<void>;
  /** Puts weather back. */
  restore(): Promise<void>;
  /** Edits `acme.example`, which is signed anew at once. Names are absolute, with or without the final dot. */
  readonly zone: {
    set(name: DnsName | string, type: number, rdata: readonly Uint8Array[], ttl?: number): void;
    remove(name: DnsName | string, type: number): void;
  };
  /** Sets what a man in the middle does to DNS replies; without a rule he stops. */
  tamper(rule?: Tamper): void;
  /** Stops everything and destroys open connections. May be called twice. */
  close(): Promise<void>;
}

/** Starts a lab on free ports of 127.0.0.1; every server answers when this resolves. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const clock = options.clock ?? Date.now;
  const authority = createAuthority({ clock });
  const weather = createIdentity(selfSigned({ names: [weatherTarget] }, { clock }), weatherHandler());
  const impostor = createIdentity(selfSigned({ names: [weatherTarget] }, { clock }), weatherHandler());
  const quotes = createIdentity(authority.issue({ names: [quotesTarget] }), quotesHandler());

  const started: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.close()));
  };
  const keep = async <T extends { close(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const server = await starting;
    started.push(server);
    return server;
  };
  try {
    const weatherServer = await keep(startAgentServer(weather));
    const quotesServer = await keep(startAgentServer(quotes));
    const root = new Zone('.', { nameserver, clock });
    const tld = new Zone('example', { nameserver, clock });
    const zone = new Zone(domain, { nameserver, clock });
    tld.set(nameserver, RrType.A, [parseRdata(RrType.A, '127.0.0.1')]);
    root.delegate(tld);
    tld.delegate(zone);
    publishAgents(zone, weather, weatherServer, quotesServer);
    const dns = await keep(startDnsServer([root, tld, zone]));

    const at = (identity: AgentIdentity, server: AgentServer, name: string, target: string): LabAgent => ({
      fqdn: `${name}.${domain}`,
      target,
      port: server.port,
      certificate: identity.credentials.certificate,
      get requests() {
        return identity.requests;
      },
    });
    return {
      dns: dns.address,
      anchors: root.ds.map((ds) => `. IN DS ${formatRdata(RrType.DS, ds)}\n`).join(''),
      ca: authority.certificate,
      domain,
      agents: {
        weather: at(weather, weatherServer, 'weather', weatherTarget),
        quotes: at(quotes, quotesServer, 'quotes', quotesTarget),
      },
      impostor: at(impostor, weatherServer, 'weather', weatherTarget),
      impersonate: async () => weatherServer.serve(impostor),
      restore: async () => weatherServer.serve(weather),
      zone: {
        set: (name, type, rdata, ttl) => zone.set(name, type, rdata, ttl),
        remove: (name, type) => zone.remove(name, type),
      },
      tamper: (rule) => dns.tamper(rule),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The records by which DNS-AID clients find the two agents, alone and by the domain's index. */
function publishAgents(
  zone: Zone,
  weather: AgentIdentity,
  weatherServer: AgentServer,
  quotesServer: AgentServer,
): void {
  const add = (name: string, type: number, text: string): void =>
    zone.set(name, type, [parseRdata(type, text)]);
  const loopback = '127.0.0.1';
  add(weatherTarget, RrType.A, loopback);
  add(quotesTarget, RrType.A, loopback);
  add(`weather.${domain}`, RrType.SVCB, agentRecord(weatherTarget, weatherServer.port, 'mcp'));
  add(`quotes.${domain}`, RrType.SVCB, agentRecord(quotesTarget, quotesServer.port, 'https'));
  zone.set(`_${weatherServer.port}._tcp.${weatherTarget}`, RrType.TLSA, [
    tlsaOf(weather.credentials.certificate),
  ]);
  const index = `_index._agents.${domain}`;
  add(index, RrType.TXT, '"agents=weather:mcp,quotes:https"');
  add(index, RrType.SVCB, `1 ${quotesTarget}. alpn="http/1.1" port=${quotesServer.port}`);
}

function agentRecord(target: string, port: number, protocol: string): string {
  return `1 ${target}. mandatory="alpn,port" alpn="${protocol}" port=${port} bap="${protocol}"`;
}
