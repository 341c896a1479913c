import { createHash } from 'node:crypto';
import type { Zone } from '@countersign/lab';
import { describe, expect, it } from 'vitest';
import { createLookupCache } from '../src/cache.js';
import { createChainCache } from '../src/dnssec/chain-cache.js';
import { toZoneKey } from '../src/dnssec/signature.js';
import type { Lookup } from '../src/lookup.js';
import type { Message } from '../src/message.js';
import { DnsName } from '../src/name.js';
import { encodeDnskey, keyTag } from '../src/rdata/dnskey.js';
import { encodeDs, parseDs } from '../src/rdata/ds.js';
import { formatRdata } from '../src/rdata/presentation.js';
import { parseRrsig } from '../src/rdata/rrsig.js';
import type { ResourceRecord } from '../src/record.js';
import { Rcode, RrClass, RrType } from '../src/rrtype.js';
import { createTree, mapRecords, rdata, signedRecords, type Tree } from './support/tree.js';

const { A, CNAME, DNAME, DNSKEY, DS, NSEC, RRSIG, TXT } = RrType;
const data = ({ answers }: Lookup) => answers.map((record) => formatRdata(record.type, record.rdata));
const name = (text: string) => DnsName.parse(text);

const record = (owner: string, type: number, text: string): ResourceRecord => ({
  name: name(owner),
  type,
  class: RrClass.IN,
  ttl: 60,
  rdata: rdata(type, text),
});

/** Records of a wildcard under a name that they answer for. */
const expanded = (records: readonly ResourceRecord[], owner: string): ResourceRecord[] =>
  records.map((one) => ({ ...one, name: name(owner) }));

/** Puts something else in place of the reply to one question. */
function answerInstead(tree: Tree, asked: string, type: number, change: (reply: Message) => Message): void {
  const { tamper } = tree;
  tree.tamper = (reply, question) =>
    question.type === type && question.name.equals(name(asked))
      ? change(tamper(reply, question))
      : tamper(reply, question);
}

/** What a zone says of a name: the records with their signatures. */
const positive = (answers: readonly ResourceRecord[], authorities: readonly ResourceRecord[] = []) => {
  return (reply: Message): Message => ({ ...reply, rcode: Rcode.NOERROR, answers, authorities });
};

describe('below a DNAME', () => {
  const createDnameTree = (target: string) => {
    const tree = createTree();
    tree.acme.set('d.acme.example', DNAME, [rdata(DNAME, target)]);
    tree.acme.set('www.sub.acme.example', A, [rdata(A, '192.0.2.7')]);
    return tree;
  };
  const redirect = (tree: Tree, asked: string, type: number, alias: string | undefined) =>
    answerInstead(
      tree,
      asked,
      type,
      positive([
        ...signedRecords(tree.acme, 'd.acme.example', DNAME),
        ...(alias === undefined ? [] : [record(asked, CNAME, alias)]),
      ]),
    );

  it('the alias in a secure answer is what the signed DNAME says, not what the reply says', async () => {
    const lookUp = (alias: string | undefined) => {
      const tree = createDnameTree('sub.acme.example.');
      redirect(tree, 'www.d.acme.example', A, alias);
      return tree.resolver().resolve('www.d.acme.example', A);
    };
    for (const alias of ['www.sub.acme.example.', 'evil.island.example.', undefined]) {
      const lookup = await lookUp(alias);
      expect(lookup.status).toBe('secure');
      expect(data(lookup), alias).toEqual(['sub.acme.example.', 'www.sub.acme.example.', '192.0.2.7']);
    }
  });

  it('the alias itself can be asked for, and is as secure as the DNAME', async () => {
    const lookUp = (sign: boolean) => {
      const tree = createDnameTree('sub.acme.example.');
      redirect(tree, 'www.d.acme.example', CNAME, 'www.sub.acme.example.');
      const { tamper } = tree;
      if (!sign) tree.tamper = (reply, question) => withoutSignaturesOf(DNAME, tamper(reply, question));
      return tree.resolver().resolve('www.d.acme.example', CNAME);
    };
    const lookup = await lookUp(true);
    expect(lookup.status).toBe('secure');
    expect(data(lookup)).toEqual(['sub.acme.example.', 'www.sub.acme.example.']);
    expect(await lookUp(false)).toMatchObject({ status: 'bogus', ede: 10 });
  });

  it('a name that would become too long ends the lookup with YXDOMAIN, and one that just fits does not', async () => {
    const label = 'x'.repeat(63);
    const lookUp = (first: string, rcode: number = Rcode.NOERROR) => {
      const tree = createDnameTree(`${label}.${label}.${label}.acme.example.`);
      const asked = `${first}.d.acme.example`;
      redirect(tree, asked, A, undefined);
      answerInstead(tree, asked, A, (reply) => ({ ...reply, rcode }));
      return tree.resolver().resolve(asked, A);
    };
    // 3 * 64 + 14 octets of the target leave 49: a label of 48.
    expect(await lookUp('y'.repeat(48))).toMatchObject({ status: 'secure', rcode: Rcode.NXDOMAIN });
    expect(await lookUp('y'.repeat(49))).toMatchObject({ status: 'secure', rcode: Rcode.YXDOMAIN });
    expect(await lookUp('y'.repeat(49), Rcode.YXDOMAIN)).toMatchObject({
      status: 'secure',
      rcode: Rcode.YXDOMAIN,
    });
  });

  it('there is no zone, though the reply about its DS has an alias without a signature', async () => {
    const lookUp = (type: number) => {
      const tree = createDnameTree('sub.acme.example.');
      redirect(tree, 'www.d.acme.example', DS, 'www.sub.acme.example.');
      // Nothing names a signer, so that the resolver has to walk down to the name itself.
      answerInstead(
        tree,
        'www.d.acme.example',
        type,
        positive([record('www.d.acme.example', A, '192.0.2.66')]),
      );
      return tree.resolver().resolve('www.d.acme.example', type);
    };
    const lookup = await lookUp(A);
    expect(lookup).toMatchObject({ status: 'bogus', ede: 10 });
    expect(lookup.why).toContain('though acme.example. is signed');
  });
});

const withoutSignaturesOf = (typeCovered: number, reply: Message): Message =>
  mapRecords(reply, (one) =>
    one.type === RRSIG && parseRrsig(one.rdata).typeCovered === typeCovered ? undefined : one,
  );

describe('a wildcard in the chain of trust', () => {
  // Whoever holds the keys that the wildcard's DS names would hold every name beside it.
  const mallory = (tree: Tree, owner: string): Zone => {
    const zone = tree.addZone('www.acme.example');
    zone.set('www.acme.example', A, [rdata(A, '203.0.113.66')]);
    tree.acme.set(owner, DS, zone.ds);
    tree.acme.remove('www.acme.example', A);
    if (owner.startsWith('*')) tree.acme.set('www.acme.example', TXT, [rdata(TXT, '"mine"')]);
    else tree.acme.set(owner, RrType.NS, [rdata(RrType.NS, 'ns.example.')]);
    return zone;
  };

  it('makes no zone of a name by a DS that was expanded, as the name’s own DS does', async () => {
    const lookUp = (owner: string) => {
      const tree = createTree();
      mallory(tree, owner);
      const records = expanded(signedRecords(tree.acme, owner, DS), 'www.acme.example');
      answerInstead(tree, 'www.acme.example', DS, positive(records));
      return tree.resolver().resolve('www.acme.example', A);
    };
    expect(await lookUp('*.acme.example')).toMatchObject({ status: 'bogus', answers: [] });
    expect(await lookUp('www.acme.example')).toMatchObject({ status: 'secure' });
  });

  it('does not hide a zone behind an expanded alias, and the next lookup does not suffer for it', async () => {
    const tree = createTree();
    tree.example.set('*.example', CNAME, [rdata(CNAME, 'elsewhere.example.')]);
    const honest = tree.tamper;
    const records = expanded(signedRecords(tree.example, '*.example', CNAME), 'acme.example');
    answerInstead(tree, 'acme.example', DS, positive(records));
    const resolver = tree.resolver();
    expect(await resolver.resolve('www.acme.example', A)).toMatchObject({ status: 'bogus', ede: 12 });
    tree.tamper = honest;
    expect(await resolver.resolve('deep.empty.acme.example', A)).toMatchObject({ status: 'secure' });
  });

  it('is believed with the proof that nothing stands closer', async () => {
    const tree = createTree();
    tree.example.set('*.example', CNAME, [rdata(CNAME, 'elsewhere.example.')]);
    // Without a signature the resolver walks down to the name, past the expanded alias.
    tree.tamper = (reply, question) => (question.type === A ? withoutSignaturesOf(CNAME, reply) : reply);
    const lookup = await tree.resolver().resolve('none.example', A);
    expect(lookup).toMatchObject({ status: 'bogus', ede: 10 });
    expect(lookup.chain.at(-1)).toMatchObject({ zone: 'example.', status: 'secure' });
  });
});

describe('a trust anchor', () => {
  it('is not passed over for the keys of a zone above it', async () => {
    const lookUp = (owner: string) => {
      const tree = createTree();
      // The zone above signs a name that it has delegated away.
      const usurper = tree.example;
      usurper.remove('acme.example', RrType.NS);
      usurper.remove('acme.example', DS);
      usurper.set(owner, A, [rdata(A, '203.0.113.66')]);
      answerInstead(tree, owner, A, positive(signedRecords(usurper, owner, A)));
      const anchors = [...tree.anchors, { zone: tree.acme.origin, ds: tree.acme.ds.map(parseDs) }];
      return tree.resolver({ anchors }).resolve(owner, A);
    };
    expect(await lookUp('www.acme.example')).toMatchObject({ status: 'bogus', answers: [] });
    expect(await lookUp('www.other.example')).toMatchObject({ status: 'secure' });
  });

  it('that is taken back counts no longer, whatever was kept', async () => {
    const tree = createTree();
    let anchors = tree.anchors;
    const resolver = tree.resolver({ anchors: () => anchors.map((anchor) => ({ ...anchor })) });
    expect(await resolver.resolve('www.acme.example', A)).toMatchObject({ status: 'secure' });
    tree.asked.length = 0;
    expect(await resolver.resolve('www.acme.example', A)).toMatchObject({ status: 'secure' });
    expect(tree.asked).toEqual([]);
    anchors = createTree().anchors;
    expect(await resolver.resolve('www.acme.example', A)).toMatchObject({ status: 'bogus', ede: 9 });
    expect(await resolver.resolve('deep.empty.acme.example', A)).toMatchObject({ status: 'bogus', ede: 9 });
  });
});

describe('a zone that wants to be expensive', () => {
  /** Keys of one tag: the last two octets make up for the first two. */
  const keysOfOneTag = (count: number): Uint8Array[] =>
    Array.from({ length: count }, (_, index) => {
      const publicKey = new Uint8Array(64);
      publicKey.set([index >>> 8, index & 0xff]);
      const balance = 0xffff - index;
      publicKey.set([balance >>> 8, balance & 0xff], 62);
      return encodeDnskey({ flags: 0x0101, protocol: 3, algorithm: 13, publicKey });
    });
  const digestsOfOneTag = (count: number, tag: number): Uint8Array[] =>
    Array.from({ length: count }, (_, index) =>
      encodeDs({
        keyTag: tag,
        algorithm: 13,
        digestType: 2,
        digest: createHash('sha256').update(String(index)).digest(),
      }),
    );

  it('makes no keys and digests be tried against each other by the million (CVE-2023-50387)', async () => {
    const keys = keysOfOneTag(600);
    const tags = new Set(keys.map(keyTag));
    expect(tags.size).toBe(1);
    const tree = createTree();
    tree.example.set('acme.example', DS, digestsOfOneTag(900, [...tags][0] ?? 0));
    answerInstead(
      tree,
      'acme.example',
      DNSKEY,
      positive(
        keys.map((octets) => ({
          name: name('acme.example'),
          type: DNSKEY,
          class: 1,
          ttl: 60,
          rdata: octets,
        })),
      ),
    );
    const resolver = tree.resolver();
    await resolver.resolve('ns.example', A);
    const begin = performance.now();
    expect(await resolver.resolve('www.acme.example', A)).toMatchObject({ status: 'bogus' });
    expect(performance.now() - begin).toBeLessThan(400);
  });

  it('may have as many keys and digests as the cap allows, and not one more', async () => {
    const lookUp = (type: number, count: number) => {
      const tree = createTree();
      const [zone, own] =
        type === DS
          ? [tree.example, tree.acme.ds]
          : [
              tree.acme,
              signedRecords(tree.acme, 'acme.example', DNSKEY)
                .filter((one) => one.type === DNSKEY)
                .map((one) => one.rdata),
            ];
      const more = type === DS ? digestsOfOneTag(count, 1) : keysOfOneTag(count);
      zone.set('acme.example', type, [...own, ...more].slice(0, count));
      return tree.resolver({ limits: { maxKeysPerZone: 8 } }).resolve('www.acme.example', A);
    };
    for (const type of [DS, DNSKEY]) {
      expect(await lookUp(type, 8), `type ${type}`).toMatchObject({ status: 'secure' });
      expect(await lookUp(type, 9), `type ${type}`).toMatchObject({ status: 'bogus' });
    }
  });

  it('gets no more checks once the cap for one RRset is reached', async () => {
    const lookUp = (count: number) => {
      const tree = createTree();
      tree.tamper = (reply) => ({
        ...reply,
        answers: reply.answers.flatMap((one) => {
          if (one.type !== RRSIG || parseRrsig(one.rdata).typeCovered !== A) return one;
          return Array.from({ length: count }, (_, index) => {
            const octets = Uint8Array.from(one.rdata);
            octets[octets.length - 1 - index] = (octets[octets.length - 1 - index] ?? 0) ^ 1;
            return { ...one, rdata: octets };
          });
        }),
      });
      // Five for the chain, nine for the RRset, two to see that the name is in no zone further down.
      return tree.resolver({ limits: { maxSignatureChecks: 16 } }).resolve('www.acme.example', A);
    };
    for (const count of [9, 60]) {
      const lookup = await lookUp(count);
      expect(lookup.status).toBe('bogus');
      expect(lookup.why).toContain('too many signatures and keys for one RRset');
    }
    expect((await lookUp(8)).why).toContain('does not verify');
  });

  it('is insecure with one DS of an unknown kind, and cannot fill the reason with thousands', async () => {
    const lookUp = (count: number) => {
      const tree = createTree();
      const unknown = Array.from({ length: count }, (_, index) =>
        encodeDs({
          keyTag: 1,
          algorithm: 200 + (index % 50),
          digestType: 100 + (index % 97),
          digest: new Uint8Array(1),
        }),
      );
      tree.example.set('acme.example', DS, unknown);
      return tree.resolver({ limits: { maxKeysPerZone: 5000 } }).resolve('www.acme.example', A);
    };
    expect(await lookUp(1)).toMatchObject({ status: 'insecure', ede: 2 });
    const many = await lookUp(3200);
    expect(many).toMatchObject({ status: 'insecure', ede: 2 });
    expect(many.why.length).toBeLessThan(1000);
  });
});

describe('kept outcomes', () => {
  const chainOf = (zone: number) =>
    Array.from({ length: 24 }, (_, depth) => ({
      zone: `zone${zone}.depth${depth}.`,
      status: 'secure' as const,
      anchor: depth === 0,
      keyTags: [1],
      algorithms: ['ECDSAP256SHA256'],
      why: 'key 1 matches the DS record and signs the zone’s keys',
    }));
  const keep = (chains: number): number => {
    const cache = createLookupCache(200_000);
    const all = Array.from({ length: chains }, (_, index) => chainOf(index));
    for (let index = 0; index < 1000; index += 1) {
      const owner = name(`host${index}.example`);
      const chain = all[index % chains] ?? [];
      const why = 'signed by example.';
      cache.set(
        { name: owner, type: A, status: 'secure', rcode: 0, answers: [], why, chain, ttl: 60 },
        60,
        0,
      );
      expect(cache.bytes).toBeLessThanOrEqual(200_000);
    }
    return cache.size;
  };

  it('count the chains that they alone hold, and one that they share once', () => {
    // 24 links of well over 100 octets each.
    expect(keep(1000)).toBeLessThan(200_000 / 2400);
    expect(keep(1)).toBeGreaterThan(300);
  });
});

describe('a kept key', () => {
  it('does not keep the octets of the message alive', () => {
    const [key] = signedRecords(createTree().acme, 'acme.example', DNSKEY);
    const message = Buffer.concat([Buffer.alloc(60_000), key?.rdata ?? Buffer.alloc(0)]);
    const kept = toZoneKey(message.subarray(60_000));
    expect(kept.rdata.buffer.byteLength).toBeLessThan(100);
    expect(kept.dnskey.publicKey.buffer.byteLength).toBeLessThan(100);
  });
});

describe('records that cannot be read', () => {
  it('are bogus where the zone is signed: two aliases at one name, as one forged', async () => {
    const lookUp = (forge: (one: ResourceRecord) => ResourceRecord[]) => {
      const tree = createTree();
      tree.tamper = (reply) => ({
        ...reply,
        answers: reply.answers.flatMap((one) => (one.type === CNAME ? forge(one) : one)),
      });
      return tree.resolver().resolve('alias.acme.example', A);
    };
    const evil = rdata(CNAME, 'evil.example.');
    expect(await lookUp((one) => [{ ...one, rdata: evil }])).toMatchObject({ status: 'bogus', ede: 6 });
    expect(await lookUp((one) => [one, { ...one, rdata: evil }])).toMatchObject({ status: 'bogus', ede: 6 });
    expect(await lookUp((one) => [one])).toMatchObject({ status: 'secure' });
  });

  it('are no keys and no digests', async () => {
    const stub = new Uint8Array(3);
    const keys = createTree();
    keys.tamper = (reply, question) =>
      question.type === DNSKEY
        ? {
            ...reply,
            answers: reply.answers.map((one) => (one.type === DNSKEY ? { ...one, rdata: stub } : one)),
          }
        : reply;
    expect(await keys.resolver().resolve('www.acme.example', A)).toMatchObject({ status: 'bogus', ede: 9 });

    const digests = createTree();
    digests.example.set('acme.example', DS, [stub, ...digests.acme.ds]);
    expect(await digests.resolver().resolve('www.acme.example', A)).toMatchObject({ status: 'secure' });
    digests.example.set('acme.example', DS, [stub]);
    expect(await digests.resolver().resolve('www.acme.example', A, { fresh: true })).toMatchObject({
      status: 'bogus',
    });
  });
});

describe('a signature of the zone above', () => {
  it('does not make bogus what lies in an unsigned zone, and saves nothing that lies in the zone itself', async () => {
    const lookUp = (owner: string) => {
      const tree = createTree();
      const stale = signedRecords(tree.example, 'ns.example', A).filter((one) => one.type === RRSIG);
      answerInstead(tree, owner, A, positive([record(owner, A, '192.0.2.9'), ...expanded(stale, owner)]));
      return tree.resolver().resolve(owner, A);
    };
    expect(await lookUp('www.island.example')).toMatchObject({ status: 'insecure' });
    expect(await lookUp('www.acme.example')).toMatchObject({ status: 'bogus', answers: [] });
    expect(await lookUp('ns.example')).toMatchObject({ status: 'bogus', answers: [] });
  });
});

describe('a clock that is set back', () => {
  it('does not lengthen the life of a kept outcome', () => {
    const cache = createLookupCache(10_000);
    const kept: Lookup = {
      name: name('www.example'),
      type: A,
      status: 'bogus',
      rcode: Rcode.NOERROR,
      answers: [],
      why: 'the signature expired',
      chain: [],
      ttl: 0,
    };
    cache.set(kept, 5, 1_000_000);
    expect(cache.get(kept.name, A, 1_000_000)).toBeDefined();
    expect(cache.get(kept.name, A, 1000)).toBeUndefined();
    expect(cache.bytes).toBe(0);
  });

  it('does not lengthen the life of a step of the chain', () => {
    const cache = createChainCache(10);
    cache.set('step', { kind: 'same', expires: 1_000_060 }, 1_000_000, 1_000_060);
    expect(cache.get('step', 1_000_000)).toBeDefined();
    expect(cache.get('step', 1000)).toBeUndefined();
  });
});

describe('replayed proofs', () => {
  const replay = async (
    zone: 'root' | 'example' | 'acme',
    owner: string,
    asked: string,
    type: number,
    rcode: number,
  ) => {
    const tree = createTree();
    tree.acme.set('a.acme.example', TXT, [rdata(TXT, '"a"')]);
    const records = [
      ...signedRecords(tree[zone], zone === 'root' ? '.' : tree[zone].origin.toString(), RrType.SOA),
      ...signedRecords(tree[zone], owner, NSEC),
    ];
    answerInstead(tree, asked, type, (reply) => ({ ...reply, rcode, answers: [], authorities: records }));
    return tree.resolver().resolve(asked, type);
  };
  const { NOERROR, NXDOMAIN } = Rcode;

  it('of the zone above do not deny what the zone below holds', async () => {
    expect(await replay('example', 'acme.example', 'www.acme.example', A, NXDOMAIN)).toMatchObject({
      status: 'bogus',
    });
    expect(await replay('example', 'acme.example', 'acme.example', RrType.SOA, NOERROR)).toMatchObject({
      status: 'bogus',
    });
    expect(await replay('root', 'example', 'www.acme.example', A, NXDOMAIN)).toMatchObject({
      status: 'bogus',
    });
    expect(await replay('root', '.', 'www.acme.example', A, NXDOMAIN)).toMatchObject({ status: 'bogus' });
  });

  it('of the zone below do not deny the DS above', async () => {
    expect(await replay('acme', 'acme.example', 'acme.example', DS, NOERROR)).toMatchObject({
      status: 'bogus',
    });
    expect(await replay('example', 'island.example', 'island.example', DS, NOERROR)).toMatchObject({
      status: 'secure',
    });
  });

  it('of an alias do not deny the type that its target has', async () => {
    expect(await replay('acme', 'alias.acme.example', 'alias.acme.example', A, NOERROR)).toMatchObject({
      status: 'bogus',
    });
    expect(await replay('acme', 'a.acme.example', 'a.acme.example', A, NOERROR)).toMatchObject({
      status: 'secure',
    });
  });
});

describe('honest corners', () => {
  const { NOERROR, NXDOMAIN } = Rcode;
  const status = async (tree: Tree, asked: string, type: number) => {
    const lookup = await tree.resolver().resolve(asked, type);
    return [lookup.status, lookup.rcode, lookup.answers.length];
  };

  it('the root answers for itself, and for what its zones are', async () => {
    const tree = createTree();
    expect(await status(tree, '.', RrType.SOA)).toEqual(['secure', NOERROR, 1]);
    expect(await status(tree, '.', DNSKEY)).toEqual(['secure', NOERROR, 2]);
    expect(await status(tree, '.', A)).toEqual(['secure', NOERROR, 0]);
    expect(await status(tree, '.', DS)).toEqual(['secure', NOERROR, 0]);
    expect(await status(tree, 'example', DS)).toEqual(['secure', NOERROR, 1]);
    expect(await status(tree, 'none', DS)).toEqual(['secure', NXDOMAIN, 0]);
    expect(await status(tree, 'none', A)).toEqual(['secure', NXDOMAIN, 0]);
    expect(await status(tree, 'a.b.none', A)).toEqual(['secure', NXDOMAIN, 0]);
  });

  it('a zone of one name proves all that it has not', async () => {
    const tree = createTree();
    tree.example.delegate(tree.addZone('single.example'));
    expect(await status(tree, 'single.example', A)).toEqual(['secure', NOERROR, 0]);
    expect(await status(tree, 'a.single.example', A)).toEqual(['secure', NXDOMAIN, 0]);
    expect(await status(tree, 'z.y.single.example', DS)).toEqual(['secure', NXDOMAIN, 0]);
    expect(await status(tree, 'single.example', DS)).toEqual(['secure', NOERROR, 1]);
  });

  it('a wildcard at the apex answers, and is found wanting, for every name but those that are there', async () => {
    const tree = createTree();
    tree.acme.set('*.acme.example', TXT, [rdata(TXT, '"all"')]);
    expect(await status(tree, 'some.acme.example', TXT)).toEqual(['secure', NOERROR, 1]);
    expect(await status(tree, 'a.b.c.acme.example', TXT)).toEqual(['secure', NOERROR, 1]);
    expect(await status(tree, '*.acme.example', TXT)).toEqual(['secure', NOERROR, 1]);
    expect(await status(tree, 'some.acme.example', A)).toEqual(['secure', NOERROR, 0]);
    expect(await status(tree, 'some.acme.example', DS)).toEqual(['secure', NOERROR, 0]);
    expect(await status(tree, 'www.acme.example', TXT)).toEqual(['secure', NOERROR, 0]);
    expect(await status(tree, 'x.empty.acme.example', TXT)).toEqual(['secure', NXDOMAIN, 0]);
  });

  it('a signed zone below an unsigned one is insecure, but for an anchor of its own', async () => {
    const tree = createTree();
    const grandchild = tree.addZone('sub.island.example');
    grandchild.set('www.sub.island.example', A, [rdata(A, '192.0.2.8')]);
    tree.island.delegate(grandchild);
    expect(await status(tree, 'www.sub.island.example', A)).toEqual(['insecure', NOERROR, 1]);
    expect(await status(tree, 'none.sub.island.example', A)).toEqual(['insecure', NXDOMAIN, 0]);
    const anchors = [...tree.anchors, { zone: grandchild.origin, ds: grandchild.ds.map(parseDs) }];
    const anchored = await tree.resolver({ anchors }).resolve('www.sub.island.example', A);
    expect(anchored).toMatchObject({ status: 'secure' });
    expect(anchored.chain).toHaveLength(1);
  });

  it('names in mixed case, with escapes, and of 255 octets are like others', async () => {
    const tree = createTree();
    const label = 'x'.repeat(63);
    // 14 octets of the zone, three labels of 64, one of 49.
    const longest = `${'y'.repeat(48)}.${label}.${label}.${label}.acme.example`;
    expect(name(longest).wire).toHaveLength(255);
    const there = [
      'a\\.b.acme.example',
      '\\000.acme.example',
      'UPPER.acme.example',
      '\\255\\*.acme.example',
      longest,
    ];
    for (const owner of there) tree.acme.set(owner, A, [rdata(A, '192.0.2.3')]);
    for (const owner of there) {
      expect(await status(tree, owner, A), owner).toEqual(['secure', NOERROR, 1]);
      expect(await status(tree, owner, TXT), owner).toEqual(['secure', NOERROR, 0]);
    }
    expect(await status(tree, 'WwW.aCme.ExamplE', A)).toEqual(['secure', NOERROR, 1]);
    expect(await status(tree, 'upper.acme.example', A)).toEqual(['secure', NOERROR, 1]);
    expect(await status(tree, 'b.acme.example', A)).toEqual(['secure', NXDOMAIN, 0]);
    expect(await status(tree, longest.replace('y', 'z'), A)).toEqual(['secure', NXDOMAIN, 0]);
    expect(await status(tree, longest.replace('y', 'z'), DS)).toEqual(['secure', NXDOMAIN, 0]);
  });

  it('what has a TTL of zero is secure and not kept', async () => {
    const tree = createTree();
    tree.acme.set('now.acme.example', A, [rdata(A, '192.0.2.4')], 0);
    tree.example.set('acme.example', DS, tree.acme.ds, 0);
    const resolver = tree.resolver();
    for (let times = 0; times < 2; times += 1) {
      tree.asked.length = 0;
      expect(await resolver.resolve('now.acme.example', A)).toMatchObject({ status: 'secure', ttl: 0 });
      expect(tree.asked).toContain(`acme.example. ${DS}`);
    }
  });

  it('a type that only the zone above holds is asked of it, and one at the apex of the zone below', async () => {
    const tree = createTree();
    expect(await status(tree, 'acme.example', DS)).toEqual(['secure', NOERROR, 1]);
    expect(await status(tree, 'acme.example', RrType.NS)).toEqual(['secure', NOERROR, 1]);
    expect(await status(tree, 'acme.example', NSEC)).toEqual(['secure', NOERROR, 1]);
    expect(await status(tree, 'island.example', DS)).toEqual(['secure', NOERROR, 0]);
    expect(await status(tree, 'island.example', RrType.NS)).toEqual(['insecure', NOERROR, 1]);
    expect(await status(tree, 'alias.acme.example', DS)).toEqual(['secure', NOERROR, 1]);
  });
});
