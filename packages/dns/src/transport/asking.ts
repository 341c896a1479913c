// How each kind of server is asked: the transports put together.

import type { RandomBytes } from '@countersign/core';
import { DnsError } from '../error.js';
import { decodeMessage, type Message, type Question } from '../message.js';
import { type AttemptLimits, type Carrier, garbled } from './attempt.js';
import { createChannel } from './channel.js';
import type { Opener } from './link.js';
import { makeQuery } from './query.js';
import { type DnsServer, formatServer } from './server.js';
import { createSlots } from './slots.js';
import { createSourcePorts } from './source-ports.js';
import { askUdp } from './udp.js';

const idBatchOctets = 128;

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
  const newId = idsFrom(options.random);
  const channel = createChannel(server, carrier, openerOf(server, carrier, options, newId));
  const slots = createSlots(
    maxOutstanding,
    (timeoutMs) =>
      new DnsError(
        'ERR_DNS_TIMEOUT',
        `${formatServer(server)} had ${maxOutstanding} queries outstanding for ${Math.round(timeoutMs)} ms`,
      ),
  );
  const padded = carrier === 'TLS' || carrier === 'HTTPS';
  const style = { ...options, padded };
  const ports =
    server.protocol === undefined || server.protocol === 'udp' ? createSourcePorts(server) : undefined;

  return {
    server,
    ask: (question, limits) =>
      slots.run(limits(), async () => {
        const make = (id: number) => makeQuery(question, id, style);
        if (ports !== undefined) {
          const reply = await askUdp(server, ports, make(newId()), options.maxStrayDatagrams, limits());
          if (reply !== undefined) return decodeReply(server, 'UDP', reply);
        }
        return decodeReply(server, carrier, await channel.ask(make, limits()));
      }),
    close() {
      ports?.close();
      channel.close();
    },
  };
}

function carrierOf(server: DnsServer): Exclude<Carrier, 'UDP'> {
  if (server.protocol === 'tls') return 'TLS';
  return server.protocol === 'https' ? 'HTTPS' : 'TCP';
}

/** Each transport, and what it needs of the runtime, is loaded when it is first used. */
function openerOf(server: DnsServer, carrier: Carrier, options: AskingOptions, newId: () => number): Opener {
  const { idleTimeoutMs, maxOutstanding } = options;
  const pipeline = { server, carrier, idleTimeoutMs, maxAbandoned: maxOutstanding, newId };
  if (server.protocol === 'https') {
    return lazily(async () => (await import('./https.js')).createHttpsOpener(server, idleTimeoutMs));
  }
  if (server.protocol === 'tls') {
    return lazily(async () => (await import('./tls.js')).createTlsOpener(server, pipeline));
  }
  return lazily(async () => (await import('./tcp.js')).createTcpOpener(server, pipeline));
}

function lazily(load: () => Promise<Opener>): Opener {
  let loaded: Promise<Opener> | undefined;
  return async (signal) => {
    loaded ??= load();
    const open = await loaded;
    return open(signal);
  };
}

function idsFrom(random: RandomBytes): () => number {
  // One call into the kernel for many ids.
  let octets: Uint8Array = new Uint8Array(0);
  let at = 0;
  return () => {
    if (at + 2 > octets.length) {
      octets = random(idBatchOctets);
      at = 0;
    }
    const high = octets[at] ?? 0;
    const low = octets[at + 1] ?? 0;
    at += 2;
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
