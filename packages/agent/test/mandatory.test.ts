import { describe, expect, it } from 'vitest';
import { reasonOf, recordOf } from './support/record.js';

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

  it('skips an endpoint that speaks nothing that is spoken here', () => {
    expect(reasonOf('1 edge.acme.example. alpn=h3 no-default-alpn bap=mcp')).toBe('alpn_unsupported');
    expect(reasonOf('1 edge.acme.example. alpn=h3,http/1.1 no-default-alpn bap=mcp')).toBe('ok');
    expect(reasonOf('1 edge.acme.example. alpn=h3 bap=mcp')).toBe('ok');
  });
});
