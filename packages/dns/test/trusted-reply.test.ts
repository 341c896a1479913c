import { describe, expect, it } from 'vitest';
import type { Message } from '../src/message.js';
import { DnsName } from '../src/name.js';
import { formatRdata, parseRdata } from '../src/rdata/presentation.js';
import { createResolver } from '../src/resolver.js';
import { Rcode, RrType } from '../src/rrtype.js';
import { parseServer } from '../src/transport/server.js';
import { readTrustedReply } from '../src/trusted-reply.js';

const name = DnsName.parse('www.example');
const { A, CNAME } = RrType;

const record = (owner: string, type: number, text: string) => ({
  name: DnsName.parse(owner),
  type,
  class: 1,
  ttl: 60,
  rdata: parseRdata(type, text),
});

function reply(more: Partial<Message> = {}, ad = true, ede?: number): Message {
  const options = ede === undefined ? [] : [{ code: 15, data: Uint8Array.of(ede >> 8, ede & 0xff) }];
  return {
    id: 0,
    opcode: 0,
    rcode: Rcode.NOERROR,
    flags: { qr: true, aa: false, tc: false, rd: true, ra: true, ad, cd: false },
    questions: [{ name, type: A, class: 1 }],
    answers: [record('www.example', A, '192.0.2.1')],
    authorities: [],
    additionals: [],
    edns: { udpPayloadSize: 1232, version: 0, dnssecOk: true, options },
    ...more,
  };
}

describe('readTrustedReply', () => {
  it('takes an answer for secure with the AD flag, and for insecure without', () => {
    expect(readTrustedReply(reply(), name, A, 11)).toMatchObject({ status: 'secure', ttl: 60 });
    expect(readTrustedReply(reply({}, false), name, A, 11)).toMatchObject({ status: 'insecure' });
  });

  it('tells a bogus answer from a failing server by its Extended DNS Error', () => {
    const failed = { rcode: Rcode.SERVFAIL, answers: [] };
    expect(readTrustedReply(reply(failed, false, 7), name, A, 11)).toMatchObject({ status: 'bogus', ede: 7 });
    expect(readTrustedReply(reply(failed, false, 22), name, A, 11)).toMatchObject({
      status: 'indeterminate',
    });
    expect(readTrustedReply(reply(failed, false), name, A, 11)).toMatchObject({ status: 'indeterminate' });
  });

  it('gives only the records that answer the question, aliases first', () => {
    const answers = [
      record('evil.example', A, '203.0.113.66'),
      record('target.example', A, '192.0.2.2'),
      record('www.example', CNAME, 'target.example.'),
    ];
    const { answers: given } = readTrustedReply(reply({ answers }), name, A, 11);
    expect(given.map((one) => formatRdata(one.type, one.rdata))).toEqual(['target.example.', '192.0.2.2']);
  });

  it('takes a chain of more aliases than are followed for bogus, never for an absence', () => {
    const chain = [
      record('www.example', CNAME, 'a.example.'),
      record('a.example', CNAME, 'b.example.'),
      record('b.example', A, '192.0.2.3'),
    ];
    expect(readTrustedReply(reply({ answers: chain }), name, A, 2)).toMatchObject({ status: 'secure' });
    expect(readTrustedReply(reply({ answers: chain }), name, A, 1)).toMatchObject({
      status: 'bogus',
      answers: [],
    });
    const loop = [record('www.example', CNAME, 'www.example.')];
    expect(readTrustedReply(reply({ answers: loop }), name, A, 11)).toMatchObject({
      status: 'bogus',
      answers: [],
    });
  });
});

describe("createResolver with trust 'ad'", () => {
  it.each(['192.0.2.53', 'tcp://192.0.2.53:53'])(
    'refuses %s, on the way to which anybody could set the flag',
    (text) => {
      const make = () => createResolver({ trust: 'ad', servers: [parseServer(text)] });
      expect(make).toThrowError(expect.objectContaining({ code: 'ERR_DNS_CONFIG' }));
    },
  );

  it.each(['127.0.0.1#53', '[::1]#53', 'tls://192.0.2.53?name=dns.example'])('accepts %s', (text) => {
    expect(createResolver({ trust: 'ad', servers: [parseServer(text)] })).toHaveProperty('resolve');
  });

  it('refuses an exchange about which nothing is known', () => {
    const make = () => createResolver({ trust: 'ad', exchange: async () => reply() });
    expect(make).toThrowError(expect.objectContaining({ code: 'ERR_DNS_CONFIG' }));
  });
});
