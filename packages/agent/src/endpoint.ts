// Where an agent answers: which target and port may be dialled at all, and a DNS name as a host name.

import type { DnsName } from '@countersign/dns';
import { quotePeer } from '@countersign/tls';
import { isHostLabel } from './fqdn.js';

/** What makes a target and port no endpoint that may be dialled, or undefined when they are one. */
export function endpointProblem(target: string, port: number): string | undefined {
  const labels = target.split('.');
  if (target.length > 253 || !labels.every(isHostLabel)) {
    return `the target ${quotePeer(target, 80) || '(empty)'} is no host name of letters, digits and hyphens`;
  }
  // A host whose last label is a number is read as an IPv4 address by every URL parser.
  if (/^(?:\d+|0x[\da-f]*)$/.test(labels.at(-1) ?? ''))
    return `the target ${target} is an address, not a name`;
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return `the port ${port} is outside 1 to 65535`;
  const url = endpointText({ target, port });
  if (!URL.canParse(url) || new URL(url).hostname !== target)
    return `the target ${target} does not stand in a URL`;
  return undefined;
}

/** An endpoint as a Signal and a message name it, for instance `https://chat.example.com:443`. */
export function endpointText({ target, port }: { readonly target: string; readonly port: number }): string {
  return `https://${target}:${port}`;
}

/** The URL of a path at an endpoint. Whatever the path holds, it stays on the endpoint's own origin. */
export function endpointUrl(endpoint: { readonly target: string; readonly port: number }, path: string): URL {
  const url = new URL(endpointText(endpoint));
  url.pathname = path;
  return url;
}

/** A DNS name as records and URLs write it: lower case, without the final dot. */
export function hostText(name: DnsName): string {
  return name.toString().toLowerCase().replace(/\.$/, '');
}
