import { describe, expect, it } from 'vitest';
import { rawSvcb, reasonOf, recordOf, serviceSet } from './support/record.js';

describe('mandatory keys (RFC 9460 section 8)', () => {
  it('accepts a record that makes only implemented keys mandatory', () => {
    const record = recordOf('1 edge.acme.example. mandatory=alpn,port alpn=mcp port=8443');
    expect(record).toMatchObject({ protocol: 'mcp', port: 8443, mandatory: ['alpn', 'port'] });
  });

  it('names keys that are mandatory wherever they stand, although nobody lists them', () => {
    expect(recordOf('1 edge.acme.example. alpn=mcp port=8443').mandatory).toEqual(['port']);
  });

  it.each(['key65402', 'bap'])('knows %s by its name and by its number', (key) => {
    const record = recordOf(`1 edge.acme.example. mandatory=${key} ${key}=mcp`);
    expect(record.mandatory).toEqual(['bap']);
  });

  it.each([
    ['an unknown key', 'mandatory=key65500 key65500=x'],
    ['a key of RFC 9460 that is not acted on', 'mandatory=ipv4hint ipv4hint=192.0.2.1'],
    ['ech', 'mandatory=ech ech=AAAA'],
    ['cap', 'mandatory=cap cap=https://acme.example/cap.json'],
    ['cap-sha256', 'mandatory=key65401 key65401=CY1lDMbSgN7kwPR0iadc8Xub-7rlMFGAbU4IQQiy_yc'],
    ['policy', 'mandatory=policy policy=https://acme.example/policy.json'],
    ['realm', 'mandatory=realm realm=inner'],
    ['sig', 'mandatory=sig sig=a.b.c'],
    ['connect-class', 'mandatory=connect-class connect-class=direct'],
    ['connect-meta', 'mandatory=connect-meta connect-meta=x'],
    ['enroll-uri', 'mandatory=enroll-uri enroll-uri=https://acme.example/enroll'],
    ['well-known', 'mandatory=well-known well-known=agent-card.json'],
  ])('skips a record that makes %s mandatory, and takes the same record when it is optional', (_, params) => {
    const rdata = `1 edge.acme.example. alpn=mcp ${params}`;
    expect(reasonOf(rdata)).toBe('mandatory_unsupported');
    expect(reasonOf(rdata.replace(/mandatory=\S+ /, ''))).toBe('ok');
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

  it('skips an endpoint that speaks nothing that is spoken here', () => {
    expect(reasonOf('1 edge.acme.example. alpn=h3 no-default-alpn bap=mcp')).toBe('alpn_unsupported');
    expect(reasonOf('1 edge.acme.example. alpn=h3,http/1.1 no-default-alpn bap=mcp')).toBe('ok');
    expect(reasonOf('1 edge.acme.example. alpn=h3 bap=mcp')).toBe('ok');
  });
});
