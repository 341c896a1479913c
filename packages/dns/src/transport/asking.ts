// How each kind of server is asked: the transports put together.

import type { RandomBytes } from '@countersign/core';
import { DnsError } from '../error.js';
import { decodeMessage, type Message, type Question } from '../message.js';
import { type AttemptLimits, type Carrier, garbled } from './attempt.js';
import { type Channel, createChannel } from './channel.js';
import { connectHttps } from './https.js';
import { createPipeline } from './pipeline.js';
import { makeQuery } from './query.js';
import { type ClearServer, type DnsServer, formatServer, type HttpsServer } from './server.js';
import { createSlots } from './slots.js';
import { connectTcp } from './tcp.js';
import { createTlsConnector } from './tls.js';
import { askUdp } from './udp.js';

/** What all attempts of an exchange have in common. */
export interface AskingOptions {
  readonly udpPayloadSize: number;
  readonly checkingDisabled: boolean;
  readonly maxStrayDatagrams: number;
  readonly maxOutstanding: number;
  readonly idleTimeoutMs: number;
  readonly random: RandomBytes;
}

/** One server, ready to be asked. */
export interface Respondent {
  readonly server: DnsServer;
  /**
   * Asks once, each protocol within the limits, which are asked for anew.
   *
   * @throws DnsError `ERR_DNS_TIMEOUT`, `ERR_DNS_UNREACHABLE`, `ERR_DNS_UNAUTHENTICATED`, `ERR_DNS_MALFORMED`; the
   *   signal's reason when it aborts
   */
  ask(question: Question, limits: () => AttemptLimits): Promise<Message>;
  close(): void;
}

/** Makes a server ready to be asked; nothing is sent yet. */
export function createRespondent(server: DnsServer, options: AskingOptions): Respondent {
  const { maxOutstanding } = options;
  const carrier = carrierOf(server);
  const channel = openChannel(server, carrier, options);
  const slots = createSlots(
    maxOutstanding,
    (timeoutMs) =>
      new DnsError(
        'ERR_DNS_TIMEOUT',
        `${formatServer(server)} had ${maxOutstanding} queries outstanding for ${Math.round(timeoutMs)} ms`,
      ),
  );
  const padded = carrier === 'TLS' || carrier === 'HTTPS';
  const newId = idsFrom(options.random);

  return {
    server,
    ask: (question, limits) =>
      slots.run(limits(), async () => {
        const make = (id: number) => makeQuery(question, id, { ...options, padded });
        if (server.protocol === undefined || server.protocol === 'udp') {
          const reply = await askUdp(server, make(newId()), options.maxStrayDatagrams, limits());
          if (reply !== undefined) return decodeReply(server, 'UDP', reply);
        }
        return decodeReply(server, carrier, await channel.ask(make, limits()));
      }),
    close: () => channel.close(),
  };
}

function carrierOf(server: DnsServer): Exclude<Carrier, 'UDP'> {
  if (server.protocol === 'tls') return 'TLS';
  return server.protocol === 'https' ? 'HTTPS' : 'TCP';
}

function openChannel(server: DnsServer, carrier: Carrier, options: AskingOptions): Channel {
  if (server.protocol === 'https') return httpsChannel(server, options);
  const connect =
    server.protocol === 'tls' ? createTlsConnector(server, carrier, 'dot') : clearConnector(server);
  return createChannel(server, carrier, async (signal) =>
    createPipeline(await connect(signal), {
      server,
      carrier,
      idleTimeoutMs: options.idleTimeoutMs,
      maxAbandoned: options.maxOutstanding,
      newId: idsFrom(options.random),
    }),
  );
}

function httpsChannel(server: HttpsServer, { idleTimeoutMs }: AskingOptions): Channel {
  const connect = createTlsConnector(server, 'HTTPS', 'h2');
  return createChannel(server, 'HTTPS', (signal) => connectHttps(server, idleTimeoutMs, connect, signal));
}

const clearConnector = (server: ClearServer) => (signal: AbortSignal) => connectTcp(server, signal);

function idsFrom(random: RandomBytes): () => number {
  return () => {
    const [high = 0, low = 0] = random(2);
    return (high << 8) | low;
  };
}

function decodeReply(server: DnsServer, carrier: Carrier, octets: Uint8Array): Message {
  try {
    return decodeMessage(octets);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unknown';
    throw garbled(server, carrier, `a malformed reply: ${why}`, { cause });
  }
}
