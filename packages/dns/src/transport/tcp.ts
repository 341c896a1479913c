// Queries over TCP (RFC 7766).

import { unreachable } from './attempt.js';
import type { Opener } from './link.js';
import { untilOpen } from './opening.js';
import { createPipeline, type PipelineOptions } from './pipeline.js';
import type { DnsServer } from './server.js';

/** Makes what connects to one server. */
export function createTcpOpener(server: DnsServer, options: PipelineOptions): Opener {
  return async (signal) => {
    const { connect } = await import('node:net');
    signal.throwIfAborted();
    const socket = connect({ host: server.host, port: server.port, noDelay: true });
    await untilOpen(socket, 'connect', signal, (error) => unreachable(server, 'TCP', error));
    return createPipeline(socket, options);
  };
}
