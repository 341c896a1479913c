// One query over UDP, from a socket and source port of its own (RFC 5452): only a datagram from the server asked,
// with the query's id and question, is a reply.

import type { RemoteInfo } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { encodeAaaa } from '../rdata/address.js';
import { type AttemptLimits, silent, unreachable } from './attempt.js';
import { isReplyTo, isTruncated, type Query } from './query.js';
import type { ServerAddress } from './server.js';
import { waitFor } from './wait.js';

/**
 * Asks one server once.
 *
 * @param maxStrayDatagrams how many datagrams that are no reply are looked at: a flood of guesses ends there
 * @returns the reply's octets; undefined when TCP is to be asked: the reply was truncated, or so many datagrams were
 *   no reply that somebody seems to be guessing
 * @throws DnsError `ERR_DNS_TIMEOUT`, `ERR_DNS_UNREACHABLE`; the signal's reason when it aborts
 */
export async function askUdp(
  server: ServerAddress,
  query: Query,
  maxStrayDatagrams: number,
  limits: AttemptLimits,
): Promise<Uint8Array | undefined> {
  const { createSocket } = await import('node:dgram');
  const onTimeout = () => silent(server, 'UDP', limits.timeoutMs);
  return waitFor<Uint8Array | undefined>({ ...limits, onTimeout }, ({ resolve, reject }) => {
    const socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4');
    let strays = 0;
    const fail = (error: Error): void => reject(unreachable(server, 'UDP', error));
    socket.on('error', fail);
    socket.on('message', (datagram, from) => {
      if (isFrom(server, from) && isReplyTo(query, datagram)) {
        resolve(isTruncated(datagram) ? undefined : datagram);
        return;
      }
      strays += 1;
      if (strays >= maxStrayDatagrams) resolve(undefined);
    });
    // A connected socket takes datagrams from the server alone, and learns of it when its port is closed.
    socket.on('connect', () => {
      socket.send(query.octets, (error) => {
        if (error) fail(error);
      });
    });
    socket.connect(server.port, server.host);
    return () => socket.close();
  });
}

// What came in before the socket was connected may be from anybody.
function isFrom(server: ServerAddress, from: RemoteInfo): boolean {
  if (from.port !== server.port) return false;
  return from.address === server.host || addressKey(from.address) === addressKey(server.host);
}

function addressKey(address: string): string {
  return encodeAaaa(address.replace(/%.*$/, ''))?.join() ?? address;
}
