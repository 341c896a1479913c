// One query over UDP: only a datagram from the server asked, with the query's id and question, on the port that the
// query came from, is a reply (RFC 5452 section 9.1).

import type { RemoteInfo } from 'node:dgram';
import { encodeAaaa } from '../rdata/address.js';
import { type AttemptLimits, silent, unreachable } from './attempt.js';
import { isReplyTo, isTruncated, type Query } from './query.js';
import type { ServerAddress } from './server.js';
import type { SourcePorts } from './source-ports.js';
import { waitFor } from './wait.js';

/**
 * Asks one server once.
 *
 * @param ports those of this server
 * @param maxStrayDatagrams how many datagrams that are no reply are looked at: a flood of guesses ends there
 * @returns the reply's octets; undefined when TCP is to be asked: the reply was truncated, or so many datagrams were
 *   no reply that somebody seems to be guessing
 * @throws DnsError `ERR_DNS_TIMEOUT`, `ERR_DNS_UNREACHABLE`; the signal's reason when it aborts
 */
export function askUdp(
  server: ServerAddress,
  ports: SourcePorts,
  query: Query,
  maxStrayDatagrams: number,
  limits: AttemptLimits,
): Promise<Uint8Array | undefined> {
  const onTimeout = () => silent(server, 'UDP', limits.timeoutMs);
  return waitFor<Uint8Array | undefined>({ ...limits, onTimeout }, ({ resolve, reject }) => {
    let strays = 0;
    return ports.send(query.octets, {
      onError: (error) => reject(unreachable(server, 'UDP', error)),
      onMessage: (datagram, from) => {
        if (isFrom(server, from) && isReplyTo(query, datagram)) {
          resolve(isTruncated(datagram) ? undefined : datagram);
          return;
        }
        strays += 1;
        if (strays >= maxStrayDatagrams) resolve(undefined);
      },
    });
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
