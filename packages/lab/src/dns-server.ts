// An authoritative DNS server on one loopback port, UDP and TCP (RFC 1035 section 4.2, RFC 7766), that
// takes any octets without falling over.

import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import {
  decodeMessage,
  encodeMessage,
  type Message,
  type Question,
  Rcode,
  type ServerAddress,
} from '@countersign/dns';
import { LabError } from './error.js';
import { refusal, respond, udpPayloadSize } from './responder.js';
import type { Zone } from './zone.js';

const loopback = '127.0.0.1';
const headerLength = 12;
const plainUdpSize = 512;
const maxTcpSize = 65_535;
// No question needs more; EDNS padding fits in (RFC 8467).
const maxQuerySize = 4096;
const maxConnections = 100;
const idleTimeoutMs = 5000;
const maxUnreadReplies = 1 << 20;
const portAttempts = 20;
const extendedError = 15;
const maxErrorText = 200;

/** What a man in the middle does to a reply before it is sent. */
export type Tamper = (question: Question, reply: Message) => Message;

/** A running server. */
export interface DnsServer {
  readonly address: ServerAddress;
  /** Sets the rule that replies pass through from now on; without one they go as they are. */
  tamper(rule?: Tamper): void;
  /** Stops serving and destroys open connections. May be called twice. */
  close(): Promise<void>;
}

/**
 * Serves zones on a free port of 127.0.0.1.
 *
 * @param zones read at every query, so that an edited zone is served at once
 * @throws LabError ERR_LAB_NO_PORT when no port is free for both UDP and TCP
 */
export async function startDnsServer(zones: readonly Zone[]): Promise<DnsServer> {
  const { udp, tcp, port } = await bindBoth();
  const connections = new Set<Socket>();
  let rule: Tamper | undefined;

  const answer = (octets: Uint8Array, overTcp: boolean): Uint8Array | undefined =>
    reply(octets, zones, overTcp, rule);

  udp.on('message', (octets: Buffer, from: RemoteInfo) => {
    const response = answer(octets, false);
    // A datagram that cannot be sent is a lost datagram: the client asks again.
    if (response !== undefined) udp.send(response, from.port, from.address, () => undefined);
  });
  // What the system reports about one datagram or one connection that it could not take ends only that one.
  udp.on('error', () => undefined);
  tcp.on('error', () => undefined);
  tcp.on('connection', (socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    serveConnection(socket, (octets) => answer(octets, true));
  });

  let closing: Promise<void> | undefined;
  return {
    address: { host: loopback, port },
    tamper(next) {
      rule = next;
    },
    close() {
      closing ??= closeBoth(udp, tcp, connections);
      return closing;
    },
  };
}

async function closeBoth(udp: UdpSocket, tcp: Server, connections: ReadonlySet<Socket>): Promise<void> {
  const closed = Promise.all([once(udp, 'close'), once(tcp, 'close')]);
  udp.close();
  tcp.close();
  for (const socket of connections) socket.destroy();
  await closed;
}

async function bindBoth(): Promise<{ udp: UdpSocket; tcp: Server; port: number }> {
  let cause: unknown;
  for (let attempt = 0; attempt < portAttempts; attempt += 1) {
    const udp = createSocket('udp4');
    udp.bind(0, loopback);
    await once(udp, 'listening');
    const { port } = udp.address();
    const tcp = createServer();
    tcp.maxConnections = maxConnections;
    try {
      tcp.listen(port, loopback);
      await once(tcp, 'listening');
      return { udp, tcp, port };
    } catch (error) {
      cause = error;
      udp.close();
    }
  }
  throw new LabError(
    'ERR_LAB_NO_PORT',
    `no loopback port was free for both UDP and TCP in ${portAttempts} tries: stop what holds them`,
    { cause },
  );
}

/** The octets to send back; undefined for what deserves no reply: less than a header, or itself a reply. */
function reply(
  octets: Uint8Array,
  zones: readonly Zone[],
  overTcp: boolean,
  rule: Tamper | undefined,
): Uint8Array | undefined {
  const isReply = ((octets[2] ?? 0) & 0x80) !== 0;
  if (octets.length < headerLength || isReply) return undefined;
  const query = decode(octets);
  if (query === undefined) return formatError(octets);
  const maxSize = overTcp ? maxTcpSize : udpLimit(query);
  try {
    const response = respond(zones, query);
    const [question] = query.questions;
    const sent = rule === undefined || question === undefined ? response : rule(question, response);
    return encodeMessage(sent, { maxSize });
  } catch (error) {
    // A tampering rule that throws, or a zone with RDATA that cannot be written. The next query must be
    // answered all the same, and the client hears why this one was not.
    return encodeMessage(failure(query, error), { maxSize });
  }
}

/** SERVFAIL, with what went wrong as the text of an Extended DNS Error (RFC 8914). */
function failure(query: Message, error: unknown): Message {
  const reply = refusal(query, Rcode.SERVFAIL);
  if (reply.edns === undefined) return reply;
  const why = Buffer.from(String(error)).subarray(0, maxErrorText);
  const otherError = [0, 0];
  const option = { code: extendedError, data: Uint8Array.from([...otherError, ...why]) };
  return { ...reply, edns: { ...reply.edns, options: [option] } };
}

function decode(octets: Uint8Array): Message | undefined {
  try {
    return decodeMessage(octets);
  } catch {
    // Whatever could not be read is answered as such: no octets from outside may stop the server.
    return undefined;
  }
}

function udpLimit(query: Message): number {
  const announced = query.edns?.udpPayloadSize ?? plainUdpSize;
  return Math.min(Math.max(announced, plainUdpSize), udpPayloadSize);
}

/** FORMERR with the query's id and nothing of what could not be read (RFC 1035 section 4.1.1). */
function formatError(octets: Uint8Array): Uint8Array {
  const header = Buffer.alloc(headerLength);
  header.set(octets.subarray(0, 2));
  header.writeUInt16BE(0x8000 | Rcode.FORMERR, 2);
  return header;
}

/** Reads queries, each behind its length in two octets, and answers them in order. */
function serveConnection(socket: Socket, answer: (octets: Uint8Array) => Uint8Array | undefined): void {
  let pending = Buffer.alloc(0);
  socket.setTimeout(idleTimeoutMs, () => socket.destroy());
  // The client went away; 'close' follows and cleans up.
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2) {
      const length = pending.readUInt16BE(0);
      if (length > maxQuerySize || socket.writableLength > maxUnreadReplies) {
        socket.destroy();
        return;
      }
      if (pending.length < 2 + length) return;
      const response = answer(pending.subarray(2, 2 + length));
      pending = pending.subarray(2 + length);
      if (response !== undefined) writeFramed(socket, response);
    }
  });
}

function writeFramed(socket: Socket, octets: Uint8Array): void {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(octets.length);
  socket.write(Buffer.concat([length, octets]));
}
