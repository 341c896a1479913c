import { describe, expect, it } from 'vitest';
import type { Lookup } from '../src/lookup.js';
import { parseDs } from '../src/rdata/ds.js';
import { formatRdata } from '../src/rdata/presentation.js';
import { parseRrsig } from '../src/rdata/rrsig.js';
import { Rcode, RrType } from '../src/rrtype.js';
import { createTree, mapRecords, rdata, signedAt, type Tamper } from './support/tree.js';

const { A, AAAA, CNAME, DS, NSEC, RRSIG, TXT } = RrType;
const day = 24 * 3600 * 1000;
const data = ({ answers }: Lookup) => answers.map((record) => formatRdata(record.type, record.rdata));
const zones = ({ chain }: Lookup) => chain.map(({ zone, status }) => `${zone} ${status}`);

/** Looks a name up in a fresh tree with somebody in the middle. */
async function lookUpTampered(name: string, type: number, tamper: Tamper): Promise<Lookup> {
  const tree = createTree();
  tree.tamper = tamper;
  return tree.resolver().resolve(name, type);
}

const stripSignatures =
  (typeCovered: number): Tamper =>
  (reply) =>
    mapRecords(reply, (record) =>
      record.type === RRSIG && parseRrsig(record.rdata).typeCovered === typeCovered ? undefined : record,
    );

describe('a secure lookup', () => {
  it('walks from the root to the zone and says so', async () => {
    const lookup = await createTree().resolver().resolve('www.acme.example', A);
    expect(lookup).toMatchObject({ status: 'secure', rcode: Rcode.NOERROR, ttl: 60 });
    expect(data(lookup)).toEqual(['192.0.2.1']);
    expect(zones(lookup)).toEqual(['. secure', 'example. secure', 'acme.example. secure']);
    expect(lookup.chain[0]?.anchor).toBe(true);
  });

  it('proves that a type is absent and that a name is', async () => {
    const resolver = createTree().resolver();
    expect(await resolver.resolve('www.acme.example', AAAA)).toMatchObject({
      status: 'secure',
      rcode: Rcode.NOERROR,
    });
    expect(await resolver.resolve('none.acme.example', A)).toMatchObject({
      status: 'secure',
      rcode: Rcode.NXDOMAIN,
    });
    expect(await resolver.resolve('empty.acme.example', A)).toMatchObject({
      status: 'secure',
      rcode: Rcode.NOERROR,
    });
    expect(await resolver.resolve('x.wild.acme.example', A)).toMatchObject({
      status: 'secure',
      rcode: Rcode.NOERROR,
    });
  });

  it('follows an alias and keeps it in the answer', async () => {
    const lookup = await createTree().resolver().resolve('alias.acme.example', A);
    expect(lookup.status).toBe('secure');
    expect(data(lookup)).toEqual(['www.acme.example.', '192.0.2.1']);
  });

  it('accepts an answer expanded from a wildcard with its proof', async () => {
    const lookup = await createTree().resolver().resolve('some.wild.acme.example', TXT);
    expect(lookup.status).toBe('secure');
    expect(data(lookup)).toEqual(['"expanded"']);
  });

  it('asks for a zone’s keys once, and again when told to look afresh', async () => {
    const tree = createTree();
    const resolver = tree.resolver();
    await resolver.resolve('www.acme.example', A);
    expect(tree.asked.length).toBeGreaterThan(1);
    tree.asked.length = 0;
    await resolver.resolve('deep.empty.acme.example', A);
    expect(tree.asked).toHaveLength(1);
    await resolver.resolve('deep.empty.acme.example', A, { fresh: true });
    expect(tree.asked.length).toBeGreaterThan(2);
  });
});

describe('a kept outcome', () => {
  const addressOf = (lookup: Lookup) => data(lookup).at(-1);

  it('serves until its TTL is over, and then the zone is asked again', async () => {
    const tree = createTree();
    let now = signedAt;
    const resolver = tree.resolver({ clock: () => now });
    await resolver.resolve('www.acme.example', A);
    tree.acme.set('www.acme.example', A, [rdata(A, '192.0.2.77')]);
    now += 59_000;
    const kept = await resolver.resolve('WWW.acme.example', A);
    expect(kept.ttl).toBe(1);
    expect(addressOf(kept)).toBe('192.0.2.1');
    now += 1000;
    expect(addressOf(await resolver.resolve('www.acme.example', A))).toBe('192.0.2.77');
  });

  it('is passed by with `fresh`, and replaced', async () => {
    const tree = createTree();
    const resolver = tree.resolver();
    await resolver.resolve('www.acme.example', A);
    tree.acme.set('www.acme.example', A, [rdata(A, '192.0.2.77')]);
    expect(addressOf(await resolver.resolve('www.acme.example', A))).toBe('192.0.2.1');
    expect(addressOf(await resolver.resolve('www.acme.example', A, { fresh: true }))).toBe('192.0.2.77');
    expect(addressOf(await resolver.resolve('www.acme.example', A))).toBe('192.0.2.77');
  });

  it('is kept no longer than the signature lives', async () => {
    const tree = createTree();
    const lastSecond = signedAt + 7 * day - 10_000;
    const lookup = await tree.resolver({ clock: () => lastSecond }).resolve('www.acme.example', A);
    expect(lookup).toMatchObject({ status: 'secure', ttl: 10 });
    expect(lookup.answers[0]?.ttl).toBe(10);
  });

  it('is kept briefly when bogus, and not at all when the server failed', async () => {
    const tree = createTree();
    let now = signedAt;
    const resolver = tree.resolver({ clock: () => now });
    tree.tamper = stripSignatures(A);
    expect((await resolver.resolve('www.acme.example', A)).status).toBe('bogus');
    tree.tamper = (reply) => reply;
    expect((await resolver.resolve('www.acme.example', A)).status).toBe('bogus');
    now += 5000;
    expect((await resolver.resolve('www.acme.example', A)).status).toBe('secure');

    tree.tamper = (reply, { type }) => (type === AAAA ? { ...reply, rcode: Rcode.SERVFAIL } : reply);
    expect((await resolver.resolve('www.acme.example', AAAA)).status).toBe('indeterminate');
    tree.tamper = (reply) => reply;
    expect((await resolver.resolve('www.acme.example', AAAA)).status).toBe('secure');
  });

  it('is kept for an absence as long as the SOA and the proof say', async () => {
    const tree = createTree();
    const resolver = tree.resolver();
    expect(await resolver.resolve('none.acme.example', A)).toMatchObject({ rcode: Rcode.NXDOMAIN, ttl: 60 });
    tree.asked.length = 0;
    await resolver.resolve('none.acme.example', A);
    await resolver.resolve('none.island.example', A);
    expect(tree.asked).not.toContain(`none.acme.example. ${A}`);
    tree.asked.length = 0;
    await resolver.resolve('none.island.example', A);
    expect(tree.asked).toEqual([]);
  });

  it('is made once when many ask at the same time', async () => {
    const tree = createTree();
    const resolver = tree.resolver();
    await Promise.all(Array.from({ length: 50 }, () => resolver.resolve('www.acme.example', A)));
    expect(tree.asked.filter((text) => text === `www.acme.example. ${A}`)).toHaveLength(1);
  });

  it('is not kept when the cache may hold nothing', async () => {
    const tree = createTree();
    const resolver = tree.resolver({ maxCacheBytes: 0 });
    await resolver.resolve('www.acme.example', A);
    await resolver.resolve('www.acme.example', A);
    expect(tree.asked.filter((text) => text === `www.acme.example. ${A}`)).toHaveLength(2);
  });
});

describe('a negative trust anchor', () => {
  it('makes what lies at and below it insecure, broken or not, and nothing else', async () => {
    const tree = createTree();
    tree.tamper = stripSignatures(A);
    const resolver = tree.resolver({ negativeAnchors: ['acme.example'] });
    expect(await resolver.resolve('www.acme.example', A)).toMatchObject({ status: 'insecure' });
    expect(await resolver.resolve('ns.example', A)).toMatchObject({ status: 'bogus' });
    expect(await tree.resolver().resolve('www.acme.example', A)).toMatchObject({ status: 'bogus' });
  });

  it('gives way to a trust anchor further down', async () => {
    const tree = createTree();
    const anchors = [...tree.anchors, { zone: tree.acme.origin, ds: tree.acme.ds.map(parseDs) }];
    const resolver = tree.resolver({ anchors, negativeAnchors: ['example'] });
    expect(await resolver.resolve('www.acme.example', A)).toMatchObject({ status: 'secure' });
    expect(await resolver.resolve('ns.example', A)).toMatchObject({ status: 'insecure' });
  });
});

describe('an insecure lookup', () => {
  it('is one below a delegation that provably has no DS', async () => {
    const lookup = await createTree().resolver().resolve('www.island.example', A);
    expect(lookup.status).toBe('insecure');
    expect(data(lookup)).toEqual(['192.0.2.9']);
    expect(zones(lookup).at(-1)).toBe('island.example. insecure');
  });

  it('is one whose alias leads out of the signed tree', async () => {
    const lookup = await createTree().resolver().resolve('out.acme.example', A);
    expect(lookup.status).toBe('insecure');
    expect(data(lookup)).toEqual(['www.island.example.', '192.0.2.9']);
  });

  it('is none when the proof of the missing DS is taken away', async () => {
    const lookup = await lookUpTampered('www.island.example', A, (reply) =>
      mapRecords(reply, (record) => (record.type === NSEC ? undefined : record)),
    );
    expect(lookup).toMatchObject({ status: 'bogus', answers: [] });
  });
});

describe('a bogus lookup gives no records and says why', () => {
  it('when a record was forged (EDE 6)', async () => {
    const lookup = await lookUpTampered('www.acme.example', A, (reply) =>
      mapRecords(reply, (record) =>
        record.type === A ? { ...record, rdata: rdata(A, '203.0.113.66') } : record,
      ),
    );
    expect(lookup).toMatchObject({ status: 'bogus', ede: 6, answers: [], ttl: 0 });
  });

  it('when a record was added beside the signed ones', async () => {
    const lookup = await lookUpTampered('www.acme.example', A, (reply) => ({
      ...reply,
      answers: reply.answers.flatMap((record) =>
        record.type === A ? [record, { ...record, rdata: rdata(A, '203.0.113.66') }] : record,
      ),
    }));
    expect(lookup).toMatchObject({ status: 'bogus', answers: [] });
  });

  it('when the signature was stripped (EDE 10)', async () => {
    expect(await lookUpTampered('www.acme.example', A, stripSignatures(A))).toMatchObject({
      status: 'bogus',
      ede: 10,
      answers: [],
    });
  });

  it('when the DS or the keys lost their signatures on the way', async () => {
    for (const type of [DS, RrType.DNSKEY]) {
      const lookup = await lookUpTampered('www.acme.example', A, stripSignatures(type));
      expect(lookup.status, `type ${type}`).toBe('bogus');
    }
  });

  it('when the DS was taken away, though nothing proves it absent', async () => {
    const lookup = await lookUpTampered('www.acme.example', A, (reply, question) =>
      question.type === DS ? { ...reply, answers: [] } : reply,
    );
    expect(lookup).toMatchObject({ status: 'bogus', ede: 12 });
  });

  it('when the proof of absence was stripped, for a type and for a name (EDE 12)', async () => {
    const strip: Tamper = (reply) =>
      mapRecords(reply, (record) => (record.type === NSEC ? undefined : record));
    for (const name of ['www.acme.example', 'none.acme.example']) {
      const lookup = await lookUpTampered(name, AAAA, strip);
      expect(lookup, name).toMatchObject({ status: 'bogus', ede: 12 });
    }
  });

  it('when a name that exists is said not to', async () => {
    const lookup = await lookUpTampered('www.acme.example', A, (reply, question) =>
      question.type === A ? { ...reply, rcode: Rcode.NXDOMAIN, answers: [] } : reply,
    );
    expect(lookup.status).toBe('bogus');
  });

  it('when a wildcard answers for a name without the proof that nothing stands closer', async () => {
    const lookup = await lookUpTampered('some.wild.acme.example', TXT, (reply) => ({
      ...reply,
      authorities: [],
    }));
    expect(lookup).toMatchObject({ status: 'bogus', ede: 12 });
  });

  it('when the signature has expired (EDE 7) or is not yet valid (EDE 8), and secure one second inside', async () => {
    const at = (ms: number, skewSeconds = 0) =>
      createTree()
        .resolver({ clock: () => ms, skewSeconds })
        .resolve('www.acme.example', A);
    const end = signedAt + 7 * day;
    const begin = signedAt - 3600 * 1000;
    expect(await at(end + 1000)).toMatchObject({ status: 'bogus', ede: 7 });
    expect(await at(end)).toMatchObject({ status: 'secure' });
    expect(await at(end + 1000, 1)).toMatchObject({ status: 'secure' });
    expect(await at(begin - 1000)).toMatchObject({ status: 'bogus', ede: 8 });
    expect(await at(begin)).toMatchObject({ status: 'secure' });
  });

  it('when the trust anchor does not match the root’s keys (EDE 9)', async () => {
    const tree = createTree();
    const anchors = tree.anchors.map(({ zone, ds }) => ({
      zone,
      ds: ds.map((one) => ({ ...one, digest: one.digest.map((octet) => octet ^ 1) })),
    }));
    expect(await tree.resolver({ anchors }).resolve('www.acme.example', A)).toMatchObject({
      status: 'bogus',
      ede: 9,
    });
  });

  it('when aliases go round in a circle or too far', async () => {
    const tree = createTree();
    tree.acme.set('a.acme.example', CNAME, [rdata(CNAME, 'b.acme.example.')]);
    tree.acme.set('b.acme.example', CNAME, [rdata(CNAME, 'a.acme.example.')]);
    expect(await tree.resolver().resolve('a.acme.example', A)).toMatchObject({ status: 'bogus' });
  });
});

describe('an indeterminate lookup', () => {
  it('is one that no trust anchor covers', async () => {
    const tree = createTree();
    const anchors = tree.anchors.map(({ ds }) => ({ zone: tree.acme.origin, ds }));
    expect(await tree.resolver({ anchors }).resolve('ns.example', A)).toMatchObject({
      status: 'indeterminate',
      ede: 5,
    });
  });

  it('is worth no more for an alias into a name that no anchor covers', async () => {
    const tree = createTree();
    const anchors = [{ zone: tree.acme.origin, ds: tree.acme.ds.map(parseDs) }];
    const lookUp = async (tamper: Tamper) => {
      tree.tamper = tamper;
      return tree.resolver({ anchors }).resolve('out.acme.example', A);
    };
    const through = await lookUp((reply) => reply);
    expect(through).toMatchObject({ status: 'indeterminate', ede: 5 });
    expect(data(through)).toEqual(['www.island.example.', '192.0.2.9']);
    const cutOff = await lookUp((reply, { type }) =>
      type === RrType.DNSKEY ? { ...reply, rcode: Rcode.SERVFAIL, answers: [] } : reply,
    );
    expect(cutOff).toMatchObject({ status: 'indeterminate', ede: 22, answers: [] });
  });

  it('is one that the server could not answer, and names the response code', async () => {
    const lookup = await lookUpTampered('www.acme.example', A, (reply, question) =>
      question.type === A ? { ...reply, rcode: Rcode.SERVFAIL, answers: [] } : reply,
    );
    expect(lookup).toMatchObject({ status: 'indeterminate', rcode: Rcode.SERVFAIL, answers: [] });
  });

  it('is one whose chain could not be fetched', async () => {
    const lookup = await lookUpTampered('www.acme.example', A, (reply, question) =>
      question.type === RrType.DNSKEY ? { ...reply, rcode: Rcode.SERVFAIL, answers: [] } : reply,
    );
    expect(lookup).toMatchObject({ status: 'indeterminate', ede: 22, answers: [] });
  });
});

describe('the limits', () => {
  it('end a lookup that needs more signature checks, hashes or queries than allowed, as bogus', async () => {
    const lookUp = (limits: object) => createTree().resolver({ limits }).resolve('www.acme.example', A);
    expect(await lookUp({ maxSignatureChecks: 5 })).toMatchObject({ status: 'bogus' });
    expect(await lookUp({ maxSignatureChecks: 6 })).toMatchObject({ status: 'secure' });
    expect(await lookUp({ maxQueries: 3 })).toMatchObject({ status: 'bogus' });
    expect(await lookUp({ maxZones: 1 })).toMatchObject({ status: 'bogus' });
    expect(await lookUp({ maxZones: 3 })).toMatchObject({ status: 'secure' });
  });

  it('stop at the cap of signature checks for one RRset (CVE-2023-50387)', async () => {
    // Signatures that differ from the true one in a bit cost a check each; the true one comes last.
    const flood =
      (count: number): Tamper =>
      (reply) => ({
        ...reply,
        answers: reply.answers.flatMap((record) => {
          if (record.type !== RRSIG || parseRrsig(record.rdata).typeCovered !== A) return record;
          const forged = Array.from({ length: count }, (_, index) => {
            const octets = Uint8Array.from(record.rdata);
            octets[octets.length - 1 - index] = (octets[octets.length - 1 - index] ?? 0) ^ 1;
            return { ...record, rdata: octets };
          });
          return [...forged, record];
        }),
      });
    expect(await lookUpTampered('www.acme.example', A, flood(8))).toMatchObject({ status: 'bogus', ede: 6 });
    expect(await lookUpTampered('www.acme.example', A, flood(7))).toMatchObject({ status: 'secure' });
  });

  it('refuse a type that stands for no RRset', async () => {
    const lookup = createTree().resolver().resolve('www.acme.example', RrType.ANY);
    await expect(lookup).rejects.toMatchObject({ code: 'ERR_DNS_TYPE' });
  });

  it('end a lookup that is not settled in time, and one that the caller gives up', async () => {
    const never = createTree().resolver({
      timeoutMs: 50,
      exchange: (_question, options) =>
        new Promise((_resolve, reject) => {
          options?.signal?.addEventListener('abort', () => reject(options.signal?.reason));
        }),
    });
    await expect(never.resolve('www.acme.example', A)).rejects.toMatchObject({ code: 'ERR_DNS_TIMEOUT' });
    const deaf = createTree().resolver({ timeoutMs: 50, exchange: () => new Promise(() => undefined) });
    await expect(deaf.resolve('www.acme.example', A)).rejects.toMatchObject({ code: 'ERR_DNS_TIMEOUT' });
    const given = AbortSignal.abort(new Error('given up'));
    await expect(never.resolve('www.acme.example', A, { signal: given })).rejects.toThrow('given up');
  });
});
