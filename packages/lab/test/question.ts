// Queries for tests, and one exchange over UDP or TCP with a server on loopback.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import {
  DnsName,
  decodeMessage,
  encodeMessage,
  type Message,
  RrClass,
  type ServerAddress,
} from '@countersign/dns';

export interface QueryOptions {
  readonly id?: number;
  readonly dnssecOk?: boolean;
  readonly edns?: boolean;
  readonly udpPayloadSize?: number;
}

export function query(name: string, type: number, options: QueryOptions = {}): Message {
  const edns = {
    udpPayloadSize: options.udpPayloadSize ?? 1232,
    version: 0,
    dnssecOk: options.dnssecOk ?? true,
    options: [],
  };
  return {
    id: options.id ?? 4711,
    opcode: 0,
    flags: { qr: false, aa: false, tc: false, rd: true, ra: false, ad: false, cd: true },
    rcode: 0,
    questions: [{ name: DnsName.parse(name), type, class: RrClass.IN }],
    answers: [],
    authorities: [],
    additionals: [],
    ...((options.edns ?? true) ? { edns } : {}),
  };
}

export async function askUdp(server: ServerAddress, octets: Uint8Array): Promise<Message> {
  const socket = createSocket('udp4');
  try {
    const replied = once(socket, 'message', { signal: AbortSignal.timeout(3000) });
    socket.send(octets, server.port, server.host);
    const [reply] = await replied;
    return decodeMessage(reply);
  } finally {
    socket.close();
  }
}

export async function askTcp(server: ServerAddress, message: Message): Promise<Message> {
  const socket = connect(server.port, server.host);
  try {
    socket.write(framed(encodeMessage(message)));
    let reply = Buffer.alloc(0);
    while (reply.length < 2 || reply.length < 2 + reply.readUInt16BE(0)) {
      const [chunk] = await once(socket, 'data', { signal: AbortSignal.timeout(3000) });
      reply = Buffer.concat([reply, chunk]);
    }
    return decodeMessage(reply.subarray(2));
  } finally {
    socket.destroy();
  }
}

export function framed(octets: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(octets.length);
  return Buffer.concat([length, octets]);
}
