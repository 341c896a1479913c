// A TCP connection to a server.

import type { Socket } from 'node:net';
import { unreachable } from './attempt.js';
import { untilOpen } from './opening.js';
import type { DnsServer } from './server.js';

/**
 * Connects.
 *
 * @throws DnsError `ERR_DNS_UNREACHABLE`; the signal's reason when it aborts
 */
export async function connectTcp(server: DnsServer, signal: AbortSignal): Promise<Socket> {
  const { connect } = await import('node:net');
  signal.throwIfAborted();
  const socket = connect({ host: server.host, port: server.port, noDelay: true });
  return untilOpen(socket, 'connect', signal, (error) => unreachable(server, 'TCP', error));
}
