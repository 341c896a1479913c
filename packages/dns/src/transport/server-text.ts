// A DNS server as text: an address with a port, or a URL that says what it is asked over and what proves who it is.

import { isIP } from 'node:net';
import { DnsError } from '../error.js';
import { checkServer, type DnsServer, defaultPorts, isHostName, type Protocol } from './server.js';

const url = /^(udp|tcp|tls|https):\/\/(\[[^\]]*\]|[^:/?#[\]]*)(?::([0-9]{1,5}))?(\/[^?#]*)?(?:\?([^#]*))?$/;

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
    if (path !== undefined || query !== undefined) throw refused(text, `Nothing follows the port of ${protocol}://.`);
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
