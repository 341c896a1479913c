import { describe, expect, it } from 'vitest';
import { startTrace } from '../src/trace.js';

describe('startTrace', () => {
  it('makes identifiers of the form that W3C trace context and RFC 9562 ask for', () => {
    const octet = { at: 0 };
    const random = (size: number) => Uint8Array.from({ length: size }, () => (octet.at++ * 37) & 0xff);
    const { id, traceId, traceparent } = startTrace(random);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
  });

  it('never sends an identifier of zeros', () => {
    const { traceparent } = startTrace((size) => new Uint8Array(size));
    expect(traceparent).toBe(`00-${'0'.repeat(31)}1-${'0'.repeat(15)}1-01`);
  });
});
