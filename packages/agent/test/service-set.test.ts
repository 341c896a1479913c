import { describe, expect, it } from 'vitest';
import { rawSvcb, serviceSet } from './support/record.js';

describe('readServiceSet', () => {
  it('lets an alias stand before every service of its set', () => {
    const set = serviceSet(['1 edge.acme.example. alpn=mcp', '0 other.acme.example.']);
    expect(set).toMatchObject({ kind: 'alias' });
  });

  it('rejects a set of more than 64 records', () => {
    const many = Array.from({ length: 65 }, (_, at) => `${at + 1} edge.acme.example. alpn=mcp`);
    expect(serviceSet(many).kind).toBe('malformed');
    expect(serviceSet(many.slice(1)).kind).toBe('services');
  });

  it('rejects alone a record whose mandatory key is not there', () => {
    const self = rawSvcb(1, 'edge.acme.example', { 0: [0, 3], 1: [3, 0x6d, 0x63, 0x70] });
    const set = serviceSet([self, '2 edge.acme.example. alpn=a2a']);
    expect(set).toMatchObject({
      kind: 'services',
      services: [{ priority: 2 }],
      rejected: [expect.any(String)],
    });
  });

  it('rejects alone a record with no-default-alpn and no alpn', () => {
    const self = rawSvcb(1, 'edge.acme.example', { 2: [] });
    const set = serviceSet([self, '2 edge.acme.example. alpn=a2a']);
    expect(set).toMatchObject({
      kind: 'services',
      services: [{ priority: 2 }],
      rejected: [expect.any(String)],
    });
  });

  it.each([
    ['lists itself', { 0: [0, 0] }],
    ['is empty', { 0: [] }],
    ['has half a key', { 0: [0, 1, 0], 1: [3, 0x6d, 0x63, 0x70] }],
    ['is out of order', { 0: [0, 3, 0, 1], 1: [3, 0x6d, 0x63, 0x70], 3: [1, 187] }],
    ['lists a key twice', { 0: [0, 3, 0, 3], 3: [1, 187] }],
  ])('rejects the whole set when a mandatory value %s', (_, params) => {
    const set = serviceSet([rawSvcb(1, 'edge.acme.example', params), '2 edge.acme.example. alpn=a2a']);
    expect(set.kind).toBe('malformed');
  });

  it('rejects the whole set for a malformed value, even beside a missing mandatory key', () => {
    const rdata = rawSvcb(1, 'edge.acme.example', { 0: [0, 1], 3: [1] });
    expect(serviceSet([rdata, '2 edge.acme.example. alpn=a2a']).kind).toBe('malformed');
  });

  it('rejects the whole set for parameters out of order or cut off', () => {
    const good = rawSvcb(1, '.', { 1: [3, 0x6d, 0x63, 0x70], 3: [1, 187] });
    const twice = Uint8Array.from([0, 1, 0, 0, 3, 0, 2, 1, 187, 0, 3, 0, 2, 1, 187]);
    expect(serviceSet([good]).kind).toBe('services');
    expect(serviceSet([good, twice]).kind).toBe('malformed');
    expect(serviceSet([good, good.subarray(0, -1)]).kind).toBe('malformed');
  });
});
