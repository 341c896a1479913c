// What one attempt at one server is given, and the errors that it ends with.

import { DnsError } from '../error.js';
import { formatServer, type ServerAddress } from './server.js';

/** The bounds of one attempt. */
export interface AttemptLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** The error of a server that cannot be reached. */
export function unreachable(server: ServerAddress, protocol: 'UDP' | 'TCP', cause: Error): DnsError {
  return new DnsError(
    'ERR_DNS_UNREACHABLE',
    `${formatServer(server)} cannot be reached over ${protocol}: ${cause.message}`,
    { cause },
  );
}

/** The error of a server that does not answer. */
export function silent(server: ServerAddress, protocol: 'UDP' | 'TCP', timeoutMs: number): DnsError {
  return new DnsError(
    'ERR_DNS_TIMEOUT',
    `${formatServer(server)} did not answer over ${protocol} within ${Math.round(timeoutMs)} ms`,
  );
}

/** The error of a server that answers with something that is no reply. */
export function garbled(
  server: ServerAddress,
  protocol: 'UDP' | 'TCP',
  why: string,
  options?: ErrorOptions,
): DnsError {
  return new DnsError(
    'ERR_DNS_MALFORMED',
    `${formatServer(server)} answered over ${protocol}: ${why}`,
    options,
  );
}
