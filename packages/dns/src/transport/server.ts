// The address of a DNS server, as a value and as text.

import { isIP } from 'node:net';
import { DnsError } from '../error.js';

/** Where a DNS server listens, over UDP and TCP. */
export interface ServerAddress {
  /** An IPv4 or IPv6 address: a name would have to be looked up first. */
  readonly host: string;
  readonly port: number;
}

const dnsPort = 53;

/**
 * Reads `127.0.0.1`, `127.0.0.1#5353`, `::1#5353` or `[::1]#5353`; a colon instead of `#` is taken where it is
 * unambiguous. The default port is 53.
 *
 * @throws DnsError `ERR_DNS_CONFIG`
 */
export function parseServer(text: string): ServerAddress {
  const parts =
    /^\[([^\]]*)\](?:[#:]([0-9]{1,5}))?$/.exec(text) ??
    /^([^#]*)#([0-9]{1,5})$/.exec(text) ??
    /^([^:]*):([0-9]{1,5})$/.exec(text);
  const host = parts?.[1] ?? text;
  const port = Number(parts?.[2] ?? dnsPort);
  return checkServer({ host, port }, text);
}

/** `127.0.0.1#53`, `::1#53`. */
export function formatServer(server: ServerAddress): string {
  return `${server.host}#${server.port}`;
}

/**
 * The server itself when it can be asked.
 *
 * @throws DnsError `ERR_DNS_CONFIG`
 */
export function checkServer(server: ServerAddress, shown: string = formatServer(server)): ServerAddress {
  if (isIP(server.host) !== 0 && Number.isInteger(server.port) && server.port > 0 && server.port <= 65535) {
    return server;
  }
  throw new DnsError(
    'ERR_DNS_CONFIG',
    `Not the address of a DNS server: ${JSON.stringify(shown)}. Write an IP address with or without a port: ` +
      '127.0.0.1#5353, [::1]#53.',
  );
}
