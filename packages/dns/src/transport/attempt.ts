// What one attempt at one server is given, and the errors that it ends with.

import { DnsError } from '../error.js';
import type { Closing } from './closing.js';
import { type DnsServer, formatServer } from './server.js';

/** The bounds of one attempt. */
export interface AttemptLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly closing: Closing;
}

/** What a query went over, as errors name it. */
export type Carrier = 'UDP' | 'TCP' | 'TLS' | 'HTTPS';

/** The error of a server that cannot be reached. */
export function unreachable(server: DnsServer, carrier: Carrier, cause: Error): DnsError {
  return new DnsError(
    'ERR_DNS_UNREACHABLE',
    `${formatServer(server)} cannot be reached over ${carrier}: ${cause.message}`,
    { cause },
  );
}

/** The error of a server that does not prove to be the one that was configured. */
export function unauthenticated(server: DnsServer, why: string, options?: ErrorOptions): DnsError {
  return new DnsError(
    'ERR_DNS_UNAUTHENTICATED',
    `${formatServer(server)} does not prove who it is: ${why}`,
    options,
  );
}

/** The error of a server that does not answer. */
export function silent(server: DnsServer, carrier: Carrier, timeoutMs: number): DnsError {
  return new DnsError(
    'ERR_DNS_TIMEOUT',
    `${formatServer(server)} did not answer over ${carrier} within ${Math.round(timeoutMs)} ms`,
  );
}

/** The error of a server that answers with something that is no reply. */
export function garbled(server: DnsServer, carrier: Carrier, why: string, options?: ErrorOptions): DnsError {
  return new DnsError(
    'ERR_DNS_MALFORMED',
    `${formatServer(server)} answered over ${carrier}: ${why}`,
    options,
  );
}
