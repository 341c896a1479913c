// One question, one reply: UDP first, TCP when the reply does not fit, several servers in turn, all within a deadline.

import { randomBytes } from 'node:crypto';
import type { RandomBytes } from '@countersign/core';
import { DnsError } from '../error.js';
import { decodeMessage, type Message, type Question } from '../message.js';
import { Rcode, rrTypeName } from '../rrtype.js';
import { garbled } from './attempt.js';
import { makeQuery } from './query.js';
import { checkServer, formatServer, type ServerAddress } from './server.js';
import { askTcp } from './tcp.js';
import { askUdp } from './udp.js';

/** What a caller may set for one exchange. */
export interface ExchangeOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds for the whole exchange. Default: that of the configuration. */
  readonly timeoutMs?: number;
}

/**
 * Puts a question to the servers and gives a reply to it, whatever its response code.
 *
 * @throws DnsError `ERR_DNS_TIMEOUT`, `ERR_DNS_UNREACHABLE` or `ERR_DNS_MALFORMED` when no server gave one;
 *   the signal's reason when it aborts
 */
export type Exchange = (question: Question, options?: ExchangeOptions) => Promise<Message>;

export interface ExchangeConfig {
  /** Asked in turn; at least one. */
  readonly servers: readonly ServerAddress[];
  /** Milliseconds for a whole exchange. Default 5000. */
  readonly timeoutMs?: number;
  /** Milliseconds for one attempt over one protocol at one server. Default 1500. */
  readonly attemptTimeoutMs?: number;
  /** The largest UDP reply asked for, in octets. Default 1232, which no path of today fragments. */
  readonly udpPayloadSize?: number;
  /** Where query ids come from. Default `crypto.randomBytes`. */
  readonly random?: RandomBytes;
}

/** How often each server is asked before the exchange is given up. */
const maxRounds = 3;

interface Failure {
  readonly server: ServerAddress;
  readonly error: DnsError;
}

/**
 * Makes an exchange over UDP and TCP. Each attempt has a random id and a socket of its own. A server that fails or
 * refuses (SERVFAIL, REFUSED and the like) is passed over while others are left; its reply stands when none does better.
 *
 * @throws DnsError `ERR_DNS_CONFIG`
 */
export function createExchange(config: ExchangeConfig): Exchange {
  const { servers, timeoutMs = 5000, attemptTimeoutMs = 1500, udpPayloadSize = 1232 } = config;
  const random = config.random ?? randomBytes;
  if (servers.length === 0) throw misconfigured('Name at least one DNS server.');
  for (const server of servers) checkServer(server);
  checkMilliseconds('timeoutMs', timeoutMs);
  checkMilliseconds('attemptTimeoutMs', attemptTimeoutMs);
  if (!Number.isInteger(udpPayloadSize) || udpPayloadSize < 512 || udpPayloadSize > 65535) {
    throw misconfigured(`udpPayloadSize is ${udpPayloadSize}: write octets from 512 to 65535.`);
  }

  const newQuery = (question: Question) => {
    const [high = 0, low = 0] = random(2);
    return makeQuery(question, (high << 8) | low, udpPayloadSize);
  };

  return async (question, options = {}) => {
    const { signal } = options;
    const limitMs = options.timeoutMs ?? timeoutMs;
    checkMilliseconds('timeoutMs', limitMs);
    const deadline = performance.now() + limitMs;
    const limits = () => ({
      signal,
      timeoutMs: Math.max(1, Math.min(attemptTimeoutMs, deadline - performance.now())),
    });

    const ask = async (server: ServerAddress): Promise<Message> => {
      const overUdp = await askUdp(server, newQuery(question), limits());
      if (overUdp !== undefined) return decodeReply(server, 'UDP', overUdp);
      return decodeReply(server, 'TCP', await askTcp(server, newQuery(question), limits()));
    };

    const failures: Failure[] = [];
    for (let round = 0; round < maxRounds; round++) {
      let poor: Message | undefined;
      const reached = failures.length;
      for (const server of servers) {
        if (performance.now() >= deadline) break;
        try {
          const reply = await ask(server);
          if (!isPoor(reply.rcode)) return reply;
          poor ??= reply;
        } catch (error) {
          if (signal?.aborted || !(error instanceof DnsError)) throw error;
          failures.push({ server, error });
        }
      }
      if (poor !== undefined) return poor;
      // Nobody is there: asking again at once would find nobody again.
      if (failures.slice(reached).every(({ error }) => error.code === 'ERR_DNS_UNREACHABLE')) break;
    }
    throw exhausted(question, failures, limitMs);
  };
}

// RFC 8914 and RFC 2308 section 7: these say something about the server, not about the name.
function isPoor(rcode: number): boolean {
  return (
    rcode === Rcode.SERVFAIL || rcode === Rcode.REFUSED || rcode === Rcode.NOTIMP || rcode === Rcode.FORMERR
  );
}

function decodeReply(server: ServerAddress, protocol: 'UDP' | 'TCP', octets: Uint8Array): Message {
  try {
    return decodeMessage(octets);
  } catch (error) {
    throw garbled(
      server,
      protocol,
      `a malformed reply: ${error instanceof Error ? error.message : 'unknown'}`,
      {
        cause: error,
      },
    );
  }
}

// A garbled answer tells most about what is wrong, then silence, then a closed port.
function exhausted(question: Question, failures: readonly Failure[], limitMs: number): DnsError {
  const asked = `${question.name} ${rrTypeName(question.type)}`;
  const last = (code: string) => failures.findLast(({ error }) => error.code === code);
  const garbledFailure = last('ERR_DNS_MALFORMED');
  if (garbledFailure !== undefined) {
    return new DnsError(
      'ERR_DNS_MALFORMED',
      `No usable reply for ${asked}: ${summary(failures)}. ${hints.malformed}`,
      {
        cause: garbledFailure.error,
      },
    );
  }
  const silentFailure = last('ERR_DNS_TIMEOUT');
  if (silentFailure === undefined && failures.length > 0) {
    return new DnsError(
      'ERR_DNS_UNREACHABLE',
      `Nobody to ask for ${asked}: ${summary(failures)}. ${hints.unreachable}`,
      {
        cause: failures.at(-1)?.error,
      },
    );
  }
  return new DnsError(
    'ERR_DNS_TIMEOUT',
    `No reply for ${asked} within ${limitMs} ms: ${summary(failures)}. ${hints.timeout}`,
    { cause: silentFailure?.error },
  );
}

const hints = {
  malformed: 'Ask another server, or look at what stands between.',
  unreachable: 'Check the address and port, and that a DNS server listens there.',
  timeout: 'Check the address and port, and that a firewall lets UDP and TCP pass.',
} as const;

/** The last failure of each server. */
function summary(failures: readonly Failure[]): string {
  const byServer = new Map(failures.map(({ server, error }) => [formatServer(server), error.message]));
  return [...byServer.values()].join('; ');
}

function checkMilliseconds(what: string, value: number): void {
  // Beyond 2^31 - 1 a timer would fire at once.
  if (!(value > 0 && value <= 0x7fffffff)) {
    throw misconfigured(`${what} is ${value}: write milliseconds from 1 to 2147483647.`);
  }
}

function misconfigured(message: string): DnsError {
  return new DnsError('ERR_DNS_CONFIG', message);
}
