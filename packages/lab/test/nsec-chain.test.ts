import { DnsName, parseNsec, RrType } from '@countersign/dns';
import { describe, expect, it } from 'vitest';
import { nsecChain } from '../src/nsec-chain.js';

const apex = DnsName.parse('example');

function chain(...nodes: [name: string, ...types: number[]][]) {
  return nsecChain(
    apex,
    nodes.map(([name, ...types]) => ({ name: DnsName.parse(name), types })),
  ).map(({ name, rdata }) => {
    const { next, types } = parseNsec(rdata);
    return { name: name.toString(), next: next.toString(), types: [...types].sort((a, b) => a - b) };
  });
}

describe('nsecChain', () => {
  it('orders names as RFC 4034 section 6.1 does and closes the ring at the apex', () => {
    const names = [
      'z.example',
      'zABC.a.EXAMPLE',
      '*.z.example',
      'example',
      'yljkjljk.a.example',
      '\\200.z.example',
      'Z.a.example',
      'a.example',
      '\\001.z.example',
    ];
    const links = chain(...names.map((name): [string, number] => [name, RrType.A]));
    expect(links.map((link) => link.name)).toEqual([
      'example.',
      'a.example.',
      'yljkjljk.a.example.',
      'Z.a.example.',
      'zABC.a.EXAMPLE.',
      'z.example.',
      '\\001.z.example.',
      '*.z.example.',
      '\\200.z.example.',
    ]);
    expect(links.map((link) => link.next)).toEqual([...links.slice(1).map((link) => link.name), 'example.']);
  });

  it('lists the types of a name, with RRSIG and NSEC', () => {
    const [, link] = chain(['example', RrType.SOA], ['a.example', RrType.TXT, RrType.A, RrType.SVCB]);
    expect(link?.types).toEqual([RrType.A, RrType.TXT, RrType.RRSIG, RrType.NSEC, RrType.SVCB]);
  });

  it('lists NS and DS alone at a delegation', () => {
    const [, link] = chain(['example', RrType.SOA], ['sub.example', RrType.NS, RrType.DS, RrType.A]);
    expect(link?.types).toEqual([RrType.NS, RrType.DS, RrType.RRSIG, RrType.NSEC]);
  });

  it('lists every type at the apex, though it holds NS', () => {
    const [link] = chain(['example', RrType.NS, RrType.A]);
    expect(link?.types).toEqual([RrType.A, RrType.NS, RrType.RRSIG, RrType.NSEC]);
  });
});
