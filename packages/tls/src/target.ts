// HOST:PORT as one writes it, made safe to resolve, to send as SNI and to compare: all three must mean the same name.

import { isIP } from 'node:net';

/** Whom to connect to. */
export interface PeerTarget {
  /** A DNS name (with or without the final dot) or an IP address (IPv6 without brackets). */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
}

// Letters, digits, hyphens and underscores: a name with escapes or other octets could be resolved as one name and
// verified as another.
const hostName = /^(?=.{1,253}$)(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}$/;

/** The target in lower case and without the final dot, or why it is none. */
export function readTarget({ host, port }: PeerTarget): PeerTarget | { readonly why: string } {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return { why: `port ${port} cannot be dialled` };
  // An address with a zone (`fe80::1%eth0`) means another host on every machine, and no certificate can name it.
  if (isIP(host) !== 0 && !host.includes('%')) return { host, port };
  const name = host.toLowerCase().replace(/\.$/, '');
  return hostName.test(name) ? { host: name, port } : { why: `${JSON.stringify(host)} is no host name` };
}
