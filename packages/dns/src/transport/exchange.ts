// One question, one reply: several servers in turn, over whatever each is asked over, all within a deadline.

import { randomBytes } from 'node:crypto';
import type { RandomBytes } from '@countersign/core';
import { DnsError } from '../error.js';
import type { Message, Question } from '../message.js';
import { Rcode, rrTypeName } from '../rrtype.js';
import { createRespondent } from './asking.js';
import { createClosing } from './closing.js';
import { backOffBefore, pause, rankServers } from './failover.js';
import { checkServer, type DnsServer, formatServer } from './server.js';

/** What a caller may set for one exchange. */
export interface ExchangeOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds for the whole exchange. Default: that of the configuration. */
  readonly timeoutMs?: number;
}

/** Puts questions to servers. */
export interface Exchange {
  /**
   * Puts a question to the servers and gives a reply to it, whatever its response code.
   *
   * @throws DnsError `ERR_DNS_TIMEOUT`, `ERR_DNS_UNREACHABLE`, `ERR_DNS_UNAUTHENTICATED` or `ERR_DNS_MALFORMED` when
   *   no server gave one; the signal's reason when it aborts
   */
  (question: Question, options?: ExchangeOptions): Promise<Message>;
  /** Lets go of what it holds between questions. An exchange that holds nothing has no such method. */
  readonly close?: () => void;
}

/** An exchange that keeps connections open. */
export interface ClosableExchange extends Exchange {
  /**
   * Ends its connections at once. Questions under way, and later ones, are rejected with `ERR_DNS_UNREACHABLE`. Idle
   * connections keep no process alive: one that is about to end need not call this.
   */
  readonly close: () => void;
}

export interface ExchangeConfig {
  /** Asked in turn, those that failed lately last; at least one. */
  readonly servers: readonly DnsServer[];
  /** Milliseconds for a whole exchange. Default 5000. */
  readonly timeoutMs?: number;
  /** Milliseconds for one attempt over one protocol at one server, its connection included. Default 1500. */
  readonly attemptTimeoutMs?: number;
  /** How often each server is asked before the exchange is given up, 1 to 100. Default 3. */
  readonly rounds?: number;
  /**
   * Milliseconds between the first round and the second; twice as many before each further one, and a random part of
   * up to a half less each time. Default 100.
   */
  readonly backOffMs?: number;
  /** Milliseconds for which a server that failed is asked after those that did not. Default 30000. */
  readonly failureMemoryMs?: number;
  /** The largest UDP reply asked for, in octets. Default 1232, which no path of today fragments. */
  readonly udpPayloadSize?: number;
  /** Datagrams that are no reply, looked at for one query before TCP is asked instead. Default 64. */
  readonly maxStrayDatagrams?: number;
  /** Queries under way at one server, 1 to 32768; the others wait for their turn. Default 100. */
  readonly maxOutstanding?: number;
  /** Milliseconds after which a connection that nobody uses is closed. Default 10000. */
  readonly idleTimeoutMs?: number;
  /**
   * True: CD is set, and a validating server hands over what it would hold back, for validation here. False: CD is
   * clear and AD set, and the server says by AD what it found (RFC 6840 section 5.7). Default true.
   */
  readonly checkingDisabled?: boolean;
  /** Where query ids and the jitter of the back-off come from. Default `crypto.randomBytes`. */
  readonly random?: RandomBytes;
}

const maxTimerMs = 0x7fffffff;

interface Failure {
  readonly server: DnsServer;
  readonly error: DnsError;
}

/**
 * Makes an exchange. Each query has a random id, and over UDP a socket of its own; connections over TCP, TLS and HTTPS
 * are used again. A server that fails or refuses (SERVFAIL, REFUSED and the like) is passed over while others are
 * left; its reply stands when none does better. A server over TLS or HTTPS is never asked in clear text.
 *
 * @throws DnsError `ERR_DNS_CONFIG`
 */
export function createExchange(config: ExchangeConfig): ClosableExchange {
  const { timeoutMs, attemptTimeoutMs, rounds, backOffMs, failureMemoryMs, ...asking } = complete(config);
  const { random } = asking;
  const respondents = config.servers.map((server) => createRespondent(server, asking));
  const ranking = rankServers(respondents, failureMemoryMs);
  const closing = createClosing();

  const exchange = async (
    question: Question,
    limitMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Message> => {
    const deadline = performance.now() + limitMs;
    const left = () => deadline - performance.now();
    const limits = () => ({ signal, closing, timeoutMs: Math.max(1, Math.min(attemptTimeoutMs, left())) });
    const failures: Failure[] = [];
    for (let round = 0; round < rounds && left() > 0; round++) {
      if (round > 0)
        await pause(Math.max(0, Math.min(backOffBefore(round, backOffMs, random), left())), {
          signal,
          closing,
        });
      let poor: Message | undefined;
      const reached = failures.length;
      for (const respondent of ranking.order(performance.now())) {
        if (left() <= 0) break;
        try {
          const reply = await respondent.ask(question, limits);
          ranking.answered(respondent);
          if (!isPoor(reply.rcode)) return reply;
          poor ??= reply;
        } catch (error) {
          if (closing.reason !== undefined) throw closing.reason;
          if (signal?.aborted || !(error instanceof DnsError)) throw error;
          ranking.failed(respondent, performance.now());
          failures.push({ server: respondent.server, error });
        }
      }
      if (poor !== undefined) return poor;
      // Nobody is there, or not the one meant: asking again at once would find the same.
      if (failures.slice(reached).every(({ error }) => isLasting(error))) break;
    }
    throw exhausted(question, failures, limitMs);
  };

  const ask = async (question: Question, options: ExchangeOptions = {}): Promise<Message> => {
    const { signal } = options;
    const limitMs = options.timeoutMs ?? timeoutMs;
    checkMilliseconds('timeoutMs', limitMs);
    if (closing.reason !== undefined) throw closing.reason;
    signal?.throwIfAborted();
    return exchange(question, limitMs, signal);
  };

  const close = (): void => {
    closing.close(
      new DnsError('ERR_DNS_UNREACHABLE', 'The exchange was closed. Make another one to ask again.'),
    );
    for (const respondent of respondents) respondent.close();
  };
  return Object.assign(ask, { close });
}

function complete(config: ExchangeConfig): Required<ExchangeConfig> {
  const {
    servers,
    timeoutMs = 5000,
    attemptTimeoutMs = 1500,
    rounds = 3,
    backOffMs = 100,
    failureMemoryMs = 30_000,
    udpPayloadSize = 1232,
    maxStrayDatagrams = 64,
    maxOutstanding = 100,
    idleTimeoutMs = 10_000,
    checkingDisabled = true,
    random = randomBytes,
  } = config;
  if (servers.length === 0) throw misconfigured('Name at least one DNS server.');
  for (const server of servers) checkServer(server);
  checkMilliseconds('timeoutMs', timeoutMs);
  checkMilliseconds('attemptTimeoutMs', attemptTimeoutMs);
  checkMilliseconds('backOffMs', backOffMs);
  checkMilliseconds('failureMemoryMs', failureMemoryMs);
  checkMilliseconds('idleTimeoutMs', idleTimeoutMs);
  checkCount('rounds', rounds, 1, 100);
  checkCount('udpPayloadSize', udpPayloadSize, 512, 65535);
  checkCount('maxStrayDatagrams', maxStrayDatagrams, 1, 65535);
  // Half of the ids, so that a free one is there beside those of queries that were given up.
  checkCount('maxOutstanding', maxOutstanding, 1, 32768);
  return {
    servers,
    timeoutMs,
    attemptTimeoutMs,
    rounds,
    backOffMs,
    failureMemoryMs,
    udpPayloadSize,
    maxStrayDatagrams,
    maxOutstanding,
    idleTimeoutMs,
    checkingDisabled,
    random,
  };
}

function isLasting({ code }: DnsError): boolean {
  return code === 'ERR_DNS_UNREACHABLE' || code === 'ERR_DNS_UNAUTHENTICATED';
}

// RFC 8914 and RFC 2308 section 7: these say something about the server, not about the name.
function isPoor(rcode: number): boolean {
  return (
    rcode === Rcode.SERVFAIL || rcode === Rcode.REFUSED || rcode === Rcode.NOTIMP || rcode === Rcode.FORMERR
  );
}

// What tells most about what is wrong comes first: an impostor, then garbage, then silence, then a closed port.
const outcomes = [
  {
    code: 'ERR_DNS_UNAUTHENTICATED',
    what: 'Nobody to trust',
    hint: 'Check the name, the pins and the authorities of the server; if they are right, somebody stands between.',
  },
  {
    code: 'ERR_DNS_MALFORMED',
    what: 'No usable reply',
    hint: 'Ask another server, or look at what stands between.',
  },
  {
    code: 'ERR_DNS_TIMEOUT',
    what: 'No reply in time',
    hint: 'Check the address and port, and that a firewall lets the queries pass.',
  },
  {
    code: 'ERR_DNS_UNREACHABLE',
    what: 'Nobody to ask',
    hint: 'Check the address and port, and that a DNS server listens there.',
  },
] as const;

function exhausted(question: Question, failures: readonly Failure[], limitMs: number): DnsError {
  const asked = `${question.name} ${rrTypeName(question.type)}`;
  for (const { code, what, hint } of outcomes) {
    const failure = failures.findLast(({ error }) => error.code === code);
    if (failure === undefined) continue;
    return new DnsError(code, `${what} for ${asked}: ${summary(failures)}. ${hint}`, {
      cause: failure.error,
    });
  }
  return new DnsError(
    'ERR_DNS_TIMEOUT',
    `No server was asked for ${asked} within ${limitMs} ms. Allow more time.`,
  );
}

/** The last failure of each server. */
function summary(failures: readonly Failure[]): string {
  const byServer = new Map(failures.map(({ server, error }) => [formatServer(server), error.message]));
  return [...byServer.values()].join('; ');
}

function checkMilliseconds(what: string, value: number): void {
  // Beyond that a timer would fire at once.
  if (!(value > 0 && value <= maxTimerMs)) {
    throw misconfigured(`${what} is ${value}: write milliseconds from 1 to ${maxTimerMs}.`);
  }
}

function checkCount(what: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw misconfigured(`${what} is ${value}: write a whole number from ${least} to ${most}.`);
}

function misconfigured(message: string): DnsError {
  return new DnsError('ERR_DNS_CONFIG', message);
}
