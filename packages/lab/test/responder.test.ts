import { type Message, parseNsec, parseRdata, parseRrsig, Rcode, RrType, rrTypeName } from '@countersign/dns';
import { beforeAll, describe, expect, it } from 'vitest';
import { respond } from '../src/responder.js';
import { Zone } from '../src/zone.js';
import { type QueryOptions, query } from './question.js';

const root = new Zone('.', { nameserver: 'ns.example' });
const tld = new Zone('example');
const acme = new Zone('acme.example');
const unsigned = new Zone('plain.example', { signed: false });
const zones = [root, tld, acme, unsigned];

function put(zone: Zone, name: string, type: number, ...texts: string[]): void {
  zone.set(
    name,
    type,
    texts.map((text) => parseRdata(type, text)),
  );
}

beforeAll(() => {
  root.delegate(tld);
  tld.delegate(acme);
  tld.delegate(unsigned);
  put(tld, 'elsewhere.example', RrType.NS, 'ns.elsewhere.example.');
  put(tld, 'ns.elsewhere.example', RrType.A, '127.0.0.9');
  put(acme, 'www.acme.example', RrType.A, '127.0.0.2', '127.0.0.1');
  put(acme, 'alias.acme.example', RrType.CNAME, 'www.acme.example.');
  put(acme, 'far.acme.example', RrType.CNAME, 'www.plain.example.');
  put(acme, 'round.acme.example', RrType.CNAME, 'about.acme.example.');
  put(acme, 'about.acme.example', RrType.CNAME, 'round.acme.example.');
  put(acme, 'gone.acme.example', RrType.CNAME, 'nothing.acme.example.');
  put(acme, '_index._agents.acme.example', RrType.TXT, '"agents="');
  put(acme, '*.wild.acme.example', RrType.TXT, '"any"');
  put(unsigned, 'www.plain.example', RrType.A, '127.0.0.3');
});

const ask = (name: string, type: number, options?: QueryOptions): Message =>
  respond(zones, query(name, type, options));

/** `owner TYPE`, with the covered type for signatures and the next name for proofs. */
function listing(section: Message['answers']): string[] {
  return section.map(({ name, type, rdata }) => {
    if (type === RrType.RRSIG) return `${name} RRSIG ${rrTypeName(parseRrsig(rdata).typeCovered)}`;
    if (type === RrType.NSEC) return `${name} NSEC ${parseNsec(rdata).next}`;
    return `${name} ${rrTypeName(type)}`;
  });
}

describe('an answer', () => {
  it('is authoritative and carries the signature when DO is set', () => {
    const reply = ask('www.acme.example', RrType.A);
    expect(reply.flags).toMatchObject({ qr: true, aa: true, tc: false, rd: true, ra: false, ad: false });
    expect(listing(reply.answers)).toEqual([
      'www.acme.example. A',
      'www.acme.example. A',
      'www.acme.example. RRSIG A',
    ]);
    expect(reply.edns).toMatchObject({ dnssecOk: true, version: 0 });
  });

  it('carries no signature when DO is not set', () => {
    const reply = ask('www.acme.example', RrType.A, { dnssecOk: false });
    expect(listing(reply.answers)).toEqual(['www.acme.example. A', 'www.acme.example. A']);
  });

  it('carries no OPT record when the query had none', () => {
    expect(ask('www.acme.example', RrType.A, { edns: false }).edns).toBeUndefined();
  });

  it('follows an alias, into another zone too', () => {
    expect(listing(ask('alias.acme.example', RrType.A).answers)).toContain('www.acme.example. RRSIG A');
    expect(listing(ask('far.acme.example', RrType.A).answers)).toEqual([
      'far.acme.example. CNAME',
      'far.acme.example. RRSIG CNAME',
      'www.plain.example. A',
    ]);
  });

  it('gives a loop of aliases once round', () => {
    const reply = ask('round.acme.example', RrType.A, { dnssecOk: false });
    expect(listing(reply.answers)).toEqual(['round.acme.example. CNAME', 'about.acme.example. CNAME']);
  });

  it('expands a wildcard, signs it as one and proves that no closer name exists', () => {
    const reply = ask('x.wild.acme.example', RrType.TXT);
    expect(listing(reply.answers)).toEqual(['x.wild.acme.example. TXT', 'x.wild.acme.example. RRSIG TXT']);
    expect(parseRrsig(reply.answers[1]?.rdata ?? new Uint8Array()).labels).toBe(3);
    expect(listing(reply.authorities)).toContain('*.wild.acme.example. NSEC www.acme.example.');
  });

  it('about DS comes from the parent', () => {
    const reply = ask('acme.example', RrType.DS);
    expect(parseRrsig(reply.answers[1]?.rdata ?? new Uint8Array()).signer.toString()).toBe('example.');
  });

  it('about ANY gives one set', () => {
    expect(listing(ask('acme.example', RrType.ANY).answers)).toEqual([
      'acme.example. SOA',
      'acme.example. RRSIG SOA',
    ]);
  });
});

describe('absence', () => {
  it('of a type is proven by the NSEC of the name', () => {
    const reply = ask('www.acme.example', RrType.AAAA);
    expect(reply.rcode).toBe(Rcode.NOERROR);
    expect(listing(reply.authorities)).toEqual([
      'acme.example. SOA',
      'acme.example. RRSIG SOA',
      'www.acme.example. NSEC acme.example.',
      'www.acme.example. RRSIG NSEC',
    ]);
  });

  it('of records at an empty non-terminal is no NXDOMAIN', () => {
    const reply = ask('_agents.acme.example', RrType.A);
    expect(reply.rcode).toBe(Rcode.NOERROR);
    expect(listing(reply.authorities)).toContain('acme.example. NSEC _index._agents.acme.example.');
  });

  it('of a name is proven by the gap that it falls into and the one of its wildcard', () => {
    const reply = ask('nothing.acme.example', RrType.A);
    expect(reply.rcode).toBe(Rcode.NXDOMAIN);
    expect(
      listing(reply.authorities).filter((line) => line.includes(' NSEC ') && !line.includes('RRSIG')),
    ).toEqual([
      'gone.acme.example. NSEC round.acme.example.',
      'acme.example. NSEC _index._agents.acme.example.',
    ]);
  });

  it('of an alias target is NXDOMAIN beside the alias', () => {
    const reply = ask('gone.acme.example', RrType.A, { dnssecOk: false });
    expect(reply.rcode).toBe(Rcode.NXDOMAIN);
    expect(listing(reply.answers)).toEqual(['gone.acme.example. CNAME']);
  });

  it('of a type under a wildcard is proven twice', () => {
    const reply = ask('x.wild.acme.example', RrType.A);
    expect(reply.rcode).toBe(Rcode.NOERROR);
    expect(listing(reply.authorities)).toContain('*.wild.acme.example. NSEC www.acme.example.');
  });

  it('of DS at an insecure delegation is proven by the parent', () => {
    const reply = ask('plain.example', RrType.DS);
    expect(reply.rcode).toBe(Rcode.NOERROR);
    const nsec = reply.authorities.find(({ type }) => type === RrType.NSEC);
    expect([...parseNsec(nsec?.rdata ?? new Uint8Array()).types]).toEqual([
      RrType.NS,
      RrType.RRSIG,
      RrType.NSEC,
    ]);
  });

  it('in an unsigned zone has no proof', () => {
    expect(listing(ask('nothing.plain.example', RrType.A).authorities)).toEqual(['plain.example. SOA']);
  });
});

describe('a zone that is not served here', () => {
  it('is referred to, with the proof that it is insecure', () => {
    const reply = ask('www.elsewhere.example', RrType.A);
    expect(reply.flags.aa).toBe(false);
    expect(listing(reply.authorities)).toEqual([
      'elsewhere.example. NS',
      'elsewhere.example. NSEC plain.example.',
      'elsewhere.example. RRSIG NSEC',
    ]);
  });

  it('is refused when no zone is above it', () => {
    expect(respond([acme], query('www.other.example', RrType.A)).rcode).toBe(Rcode.REFUSED);
    expect(respond([acme], query('www.acme.example', RrType.A)).rcode).toBe(Rcode.NOERROR);
  });
});

describe('a query that cannot be answered', () => {
  const good = query('www.acme.example', RrType.A);
  const [question] = good.questions;
  if (question === undefined) throw new TypeError('a query has a question');

  it.each([
    ['with another opcode is NOTIMP', { ...good, opcode: 4 }, Rcode.NOTIMP],
    ['with two questions is FORMERR', { ...good, questions: [question, question] }, Rcode.FORMERR],
    ['with no question is FORMERR', { ...good, questions: [] }, Rcode.FORMERR],
    ['of another class is REFUSED', { ...good, questions: [{ ...question, class: 3 }] }, Rcode.REFUSED],
    [
      'of another EDNS version is BADVERS',
      { ...good, edns: { udpPayloadSize: 1232, version: 1, dnssecOk: true, options: [] } },
      Rcode.BADVERS,
    ],
    ['but for none of these is answered', good, Rcode.NOERROR],
  ])('%s', (_rule, message, rcode) => {
    expect(respond(zones, message).rcode).toBe(rcode);
  });
});
