// Asking for the chain beside the question: saves round trips where the guess is right, changes nothing where it is not.

import { describe, expect, it } from 'vitest';
import { DnsError } from '../src/error.js';
import { RrType } from '../src/rrtype.js';
import type { Exchange } from '../src/transport/exchange.js';
import { createTree, type Tree } from './support/tree.js';

const { A, DNSKEY, DS } = RrType;

/** The exchange of a tree, where the questions that `isHeld` chooses get no reply before their signal aborts. */
function holding(tree: Tree, isHeld: (text: string) => boolean) {
  const aborted: string[] = [];
  const answers = tree.exchange;
  const exchange: Exchange = (question, options) => {
    const text = `${question.name} ${question.type}`;
    if (!isHeld(text)) return answers(question, options);
    tree.asked.push(text);
    return new Promise((_, reject) => {
      options?.signal?.addEventListener('abort', () => {
        aborted.push(text);
        reject(new Error('aborted'));
      });
    });
  };
  return { exchange, aborted };
}

const chainOf = (zone: string) => [`${zone} ${DS}`, `${zone} ${DNSKEY}`];
const wholeChain = [`. ${DNSKEY}`, ...chainOf('example.'), ...chainOf('acme.example.')];

describe('a lookup whose chain is not known', () => {
  it('asks for the likely chain beside the question, before any reply', async () => {
    const tree = createTree();
    const controller = new AbortController();
    const { exchange } = holding(tree, () => true);
    const lookup = tree.resolver({ exchange }).resolve('www.acme.example', A, { signal: controller.signal });
    expect(tree.asked).toEqual([`www.acme.example. ${A}`, ...wholeChain]);
    controller.abort(new Error('enough'));
    await expect(lookup).rejects.toThrow('enough');
  });

  it('takes the labels of a service for no zones', async () => {
    const tree = createTree();
    await tree.resolver().resolve('_443._tcp.www.acme.example', RrType.TLSA);
    expect(new Set(tree.asked)).toEqual(
      new Set([`_443._tcp.www.acme.example. ${RrType.TLSA}`, ...wholeChain]),
    );
  });

  it('asks for nothing twice', async () => {
    const tree = createTree();
    expect((await tree.resolver().resolve('www.acme.example', A)).status).toBe('secure');
    expect(tree.asked).toHaveLength(new Set(tree.asked).size);
    expect(tree.asked).toHaveLength(6);
  });

  it('guesses four zones at most, and none with few queries to spend', async () => {
    const tree = createTree();
    const name = 'a.b.c.d.e.f.g.example';
    const { exchange } = holding(tree, (text) => !text.startsWith('a.b.'));
    const ask = async (maxQueries: number) => {
      tree.asked.length = 0;
      const controller = new AbortController();
      const lookup = tree
        .resolver({ exchange, limits: { maxQueries } })
        .resolve(name, A, { signal: controller.signal });
      const asked = [...tree.asked];
      controller.abort(new Error('enough'));
      await expect(lookup).rejects.toThrow('enough');
      return asked.length;
    };
    expect(await ask(96)).toBe(1 + 1 + 4 * 2);
    expect(await ask(40)).toBe(1 + 1 + 2 * 2);
    expect(await ask(16)).toBe(1);
  });
});

describe('a guess that is wrong', () => {
  it('does no harm when it is refused, and is ended when it is not answered', async () => {
    // deep.empty.acme.example. stands in the zone acme.example.: empty.acme.example. is none.
    const name = 'deep.empty.acme.example';
    const wrong = (text: string) => text.startsWith('empty.acme.example.');
    const tree = createTree();
    const expected = await tree.resolver().resolve(name, A);
    expect(expected.status).toBe('secure');
    expect(tree.asked.filter(wrong)).toEqual(chainOf('empty.acme.example.'));

    const { exchange, aborted } = holding(tree, wrong);
    expect(await tree.resolver({ exchange }).resolve(name, A)).toEqual(expected);
    expect(aborted).toEqual(chainOf('empty.acme.example.'));

    const refusing: Exchange = (question, options) =>
      wrong(`${question.name}`)
        ? Promise.reject(new DnsError('ERR_DNS_UNREACHABLE', 'nobody there'))
        : tree.exchange(question, options);
    expect(await tree.resolver({ exchange: refusing }).resolve(name, A)).toEqual(expected);

    tree.tamper = (reply, question) =>
      wrong(`${question.name}`) ? { ...reply, authorities: [], rcode: 3 } : reply;
    expect(await tree.resolver().resolve(name, A)).toEqual(expected);
  });

  it('is not made again where a zone below the first delegation is known', async () => {
    const tree = createTree();
    const resolver = tree.resolver();
    await resolver.resolve('www.acme.example', A);
    tree.asked.length = 0;
    expect((await resolver.resolve('deep.empty.acme.example', A)).status).toBe('secure');
    expect(tree.asked).toEqual([`deep.empty.acme.example. ${A}`]);
  });

  it('is not made at and below a negative anchor', async () => {
    const tree = createTree();
    await tree.resolver({ negativeAnchors: ['acme.example'] }).resolve('www.acme.example', A);
    expect(tree.asked).toEqual([`www.acme.example. ${A}`]);
  });
});
