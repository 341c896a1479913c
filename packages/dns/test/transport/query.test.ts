// The query that is sent.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage } from '../../src/message.js';
import { DnsName } from '../../src/name.js';
import { makeQuery } from '../../src/transport/query.js';

const style = { udpPayloadSize: 1232, checkingDisabled: true, padded: true };
const labels = fc.array(fc.stringMatching(/^[a-z]{1,30}$/), { maxLength: 7 });

describe('a query', () => {
  it('that is padded has a multiple of 128 octets, and fewer than 128 of them for nothing', () => {
    fc.assert(
      fc.property(labels, (parts) => {
        const question = { name: DnsName.parse(`${parts.join('.')}.`), type: 1, class: 1 };
        const { octets } = makeQuery(question, 7, style);
        expect(octets.length % 128).toBe(0);
        const options = decodeMessage(octets).edns?.options ?? [];
        expect(options.map(({ code }) => code)).toEqual([12]);
        expect(options[0]?.data.length).toBeLessThan(128);
      }),
    );
  });

  it('that is not padded has no option', () => {
    const question = { name: DnsName.parse('agent.example'), type: 1, class: 1 };
    const { octets } = makeQuery(question, 7, { ...style, padded: false });
    expect(decodeMessage(octets)).toMatchObject({ id: 7, edns: { options: [] } });
  });
});
