// A DNS server: where it listens, what it is asked over, and what proves that it is the one meant (RFC 7858, 8310,
// 8484).

import { isIP } from 'node:net';
import { DnsError } from '../error.js';

/** Where a DNS server listens. */
export interface ServerAddress {
  /** An IPv4 or IPv6 address: a name would have to be looked up first. */
  readonly host: string;
  readonly port: number;
}

/** A server that is asked in clear text. */
export interface ClearServer extends ServerAddress {
  /** `udp`, the default: UDP, and TCP when the reply does not fit. `tcp`: TCP alone. */
  readonly protocol?: 'udp' | 'tcp';
}

/**
 * What proves who a server is. Name and pins: both must hold (RFC 8310 section 6.5). Pins alone suffice, without a path to a trusted
 * root. Neither: the certificate must name the server's IP address.
 */
export interface ServerIdentity {
  /** The DNS name that the certificate must have, with a valid path. */
  readonly name?: string;
  /** SHA-256 of the SubjectPublicKeyInfo of the server's own certificate, in base64; one must match. */
  readonly pins?: readonly string[];
  /** PEM certificates of authorities that are trusted beside the bundled roots. */
  readonly ca?: readonly string[];
}

/** A server asked over TLS (RFC 7858). */
export interface TlsServer extends ServerAddress, ServerIdentity {
  readonly protocol: 'tls';
}

/** A server asked over HTTPS (RFC 8484). */
export interface HttpsServer extends ServerAddress, ServerIdentity {
  readonly protocol: 'https';
  /** For instance `/dns-query`, without a query part. */
  readonly path: string;
}

/** A DNS server with what it is asked over; a bare address is asked over UDP and TCP. */
export type DnsServer = ClearServer | TlsServer | HttpsServer;

export type Protocol = NonNullable<DnsServer['protocol']>;

/** The port of a server whose text names none. */
export const defaultPorts: Readonly<Record<Protocol, number>> = { udp: 53, tcp: 53, tls: 853, https: 443 };

const pinOctets = 32;
const hostName = /^(?=.{1,253}$)(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*$/i;
const httpPath = /^\/[\x21-\x22\x24-\x3e\x40-\x7e]*$/;

/** True where nobody between can read or change the replies: loopback, TLS and HTTPS. */
export function isProtectedServer(server: DnsServer): boolean {
  if (server.protocol === 'tls' || server.protocol === 'https') return true;
  if (isIP(server.host) === 4) return server.host.startsWith('127.');
  return server.host === '::1' || server.host === '0:0:0:0:0:0:0:1';
}

/** `127.0.0.1#53`, `::1#53`, `tcp://127.0.0.1:53`, `tls://9.9.9.9:853?name=dns.example`: as `parseServer` reads it. */
export function formatServer(server: DnsServer): string {
  const { protocol, host, port } = server;
  if (protocol === undefined || protocol === 'udp') return `${host}#${port}`;
  const location = `${protocol}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  if (protocol === 'tcp') return location;
  const parameters = [
    ...(server.name === undefined ? [] : [`name=${server.name}`]),
    ...(server.pins ?? []).map((pin) => `pin=sha256/${pin}`),
  ].join('&');
  const path = protocol === 'https' ? server.path : '';
  return location + path + (parameters === '' ? '' : `?${parameters}`);
}

/**
 * The server itself when it can be asked.
 *
 * @throws DnsError `ERR_DNS_CONFIG`
 */
export function checkServer(server: DnsServer, shown: string = formatServer(server)): DnsServer {
  const { host, port } = server;
  const refuse = (what: string): DnsError =>
    new DnsError('ERR_DNS_CONFIG', `Not a DNS server that can be asked: ${JSON.stringify(shown)}. ${what}`);
  if (isIP(host) === 0) {
    throw refuse('Write an IP address with or without a port: 127.0.0.1#5353, [::1]#53, tls://[::1]:853.');
  }
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw refuse('Write a port from 1 to 65535.');
  if (server.protocol !== 'tls' && server.protocol !== 'https') return server;
  const { name, pins, ca } = server;
  if (name !== undefined && !isHostName(name)) throw refuse('Write the DNS name of its certificate as name.');
  if (pins !== undefined && (pins.length === 0 || !pins.every(isPin))) {
    throw refuse('Write each pin as the base64 of a SHA-256: 44 characters.');
  }
  if (ca !== undefined && pins !== undefined && name === undefined) {
    throw refuse('With a pin alone no authority is asked: leave ca away, or name the server.');
  }
  if (server.protocol === 'https' && !httpPath.test(server.path)) {
    throw refuse('Write the path of the URL, for instance /dns-query.');
  }
  return server;
}

/** True for a host name in ASCII that is no IP address. */
export function isHostName(text: string): boolean {
  return hostName.test(text) && isIP(text) === 0;
}

function isPin(text: string): boolean {
  const octets = Buffer.from(text, 'base64');
  return octets.length === pinOctets && octets.toString('base64') === text;
}

export { parseServer } from './server-text.js';
