// A DNS server: where it listens, what it is asked over, and what proves that it is the one meant (RFC 7858, 8310,
// 8484).

import { X509Certificate } from 'node:crypto';
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
 * What proves who a server is. Name and pins: both must hold (RFC 8310 section 6.5). Pins alone suffice, without a
 * path to a trusted root. Neither: the certificate must name the server's IP address.
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

const url = /^(udp|tcp|tls|https):\/\/(\[[^\]]*\]|[^:/?#[\]]*)(?::([0-9]{1,5}))?(\/[^?#]*)?(?:\?([^#]*))?$/;
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
  const { host, port } = server;
  const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  if (server.protocol !== 'tls' && server.protocol !== 'https') {
    return server.protocol === 'tcp' ? `tcp://${authority}` : `${host}#${port}`;
  }
  const parameters = [
    ...(server.name === undefined ? [] : [`name=${server.name}`]),
    ...(server.pins ?? []).map((pin) => `pin=sha256/${pin}`),
  ];
  const query = parameters.length === 0 ? '' : `?${parameters.join('&')}`;
  return `${server.protocol}://${authority}${server.protocol === 'https' ? server.path : ''}${query}`;
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
  // OpenSSL would leave such an entry out without a word.
  if (ca !== undefined && !ca.every(isCertificate))
    throw refuse('Write each entry of ca as a PEM certificate.');
  if (server.protocol === 'https' && !httpPath.test(server.path)) {
    throw refuse('Write the path of the URL, for instance /dns-query.');
  }
  return server;
}

/** True for a host name in ASCII that is no IP address. */
function isHostName(text: string): boolean {
  return hostName.test(text) && isIP(text) === 0;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function isPin(text: string): boolean {
  const octets = Buffer.from(text, 'base64');
  return octets.length === pinOctets && octets.toString('base64') === text;
}

/**
 * Reads a server.
 *
 * - An address, asked over UDP and TCP: `127.0.0.1`, `127.0.0.1#5353`, `::1#5353`, `[::1]#5353`; a colon instead of
 *   `#` is taken where it is unambiguous.
 * - `udp://HOST:PORT`: the same. `tcp://HOST:PORT`: TCP alone.
 * - `tls://HOST:PORT` and `https://HOST:PORT/PATH`, with these parameters behind a `?`, joined by `&`:
 *   `name=NAME` the name in the certificate; `pin=sha256/BASE64` the hash of its public key, once or more often;
 *   `address=IP` where to dial when HOST is a name, which then is the name in the certificate as well.
 *   Nothing is looked up: HOST is an IP address, or `address` stands beside it. See `ServerIdentity` for what is
 *   checked. Percent-encoding is understood; a plus sign is a plus sign.
 *
 * Default ports are 53, for TLS 853, for HTTPS 443.
 *
 * @throws DnsError `ERR_DNS_CONFIG`
 */
export function parseServer(text: string): DnsServer {
  if (text.includes('://')) return checkServer(parseUrl(text), text);
  const parts =
    /^\[([^\]]*)\](?:[#:]([0-9]{1,5}))?$/.exec(text) ??
    /^([^#]*)#([0-9]{1,5})$/.exec(text) ??
    /^([^:]*):([0-9]{1,5})$/.exec(text);
  const host = parts?.[1] ?? text;
  return checkServer({ host, port: Number(parts?.[2] ?? defaultPorts.udp) }, text);
}

function parseUrl(text: string): DnsServer {
  const parts = url.exec(text);
  const protocol = protocolOf(parts?.[1]);
  if (parts === null || protocol === undefined) {
    throw refused(text, 'Write udp://, tcp://, tls:// or https:// and an address.');
  }
  const [, , written = '', portText, path, query] = parts;
  const located = written.startsWith('[') ? written.slice(1, -1) : written;
  const port = Number(portText ?? defaultPorts[protocol]);
  if (protocol === 'udp' || protocol === 'tcp') {
    if (path !== undefined || query !== undefined)
      throw refused(text, `Nothing follows the port of ${protocol}://.`);
    return { protocol, host: located, port };
  }

  const { name, pins, address } = parseParameters(text, query);
  const isName = isHostName(located);
  if (isName !== (address !== undefined)) {
    throw refused(
      text,
      isName
        ? 'Say where the name is: add address=IP.'
        : 'address=IP stands beside a name: write the one address as the host.',
    );
  }
  if (isName && name !== undefined) throw refused(text, 'Write the name once: as the host, or as name.');
  const server = {
    host: address ?? located,
    port,
    ...(isName ? { name: located } : name === undefined ? {} : { name }),
    ...(pins.length === 0 ? {} : { pins }),
  };
  if (protocol === 'https') return { protocol, ...server, path: path ?? '/' };
  if (path !== undefined) throw refused(text, 'tls:// has no path.');
  return { protocol, ...server };
}

interface Parameters {
  readonly name?: string;
  readonly address?: string;
  readonly pins: readonly string[];
}

function parseParameters(text: string, query = ''): Parameters {
  const single = new Map<string, string>();
  const pins: string[] = [];
  for (const parameter of query === '' ? [] : query.split('&')) {
    const equals = parameter.indexOf('=');
    const key = parameter.slice(0, Math.max(equals, 0));
    const value = decoded(text, parameter.slice(equals + 1));
    if (key === 'pin' && value.startsWith('sha256/')) {
      pins.push(value.slice('sha256/'.length));
    } else if ((key === 'name' || key === 'address') && !single.has(key)) {
      single.set(key, value);
    } else {
      throw refused(text, 'The parameters are name=NAME, address=IP, each once, and pin=sha256/BASE64.');
    }
  }
  const name = single.get('name');
  const address = single.get('address');
  if (address !== undefined && isIP(address) === 0) throw refused(text, 'address is no IP address.');
  return {
    pins,
    ...(name === undefined ? {} : { name }),
    ...(address === undefined ? {} : { address }),
  };
}

function decoded(text: string, value: string): string {
  try {
    return decodeURIComponent(value);
  } catch (cause) {
    throw refused(text, 'A percent sign is followed by two hexadecimal digits.', { cause });
  }
}

function protocolOf(scheme: string | undefined): Protocol | undefined {
  return scheme === 'udp' || scheme === 'tcp' || scheme === 'tls' || scheme === 'https' ? scheme : undefined;
}

function refused(text: string, what: string, options?: ErrorOptions): DnsError {
  return new DnsError('ERR_DNS_CONFIG', `Not a DNS server: ${JSON.stringify(text)}. ${what}`, options);
}
