// Messages cut out of a stream, however it is cut into pieces.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader, frame } from '../../src/transport/frame.js';

describe('a stream of messages', () => {
  it('is cut at the same places however it arrives', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 });
    fc.assert(
      fc.property(messages, fc.array(fc.nat(400), { maxLength: 12 }), (sent, sizes) => {
        const stream = Buffer.concat(sent.map(frame));
        const reader = new FrameReader();
        const received: Uint8Array[] = [];
        let at = 0;
        for (const size of [...sizes, stream.length]) {
          received.push(...reader.push(stream.subarray(at, at + size)));
          at += size;
        }
        expect(received.map((octets) => Array.from(octets))).toEqual(
          sent.map((octets) => Array.from(octets)),
        );
        expect(reader.pending).toBe(0);
      }),
    );
  });

  it('that breaks off leaves octets pending', () => {
    const reader = new FrameReader();
    expect([...reader.push(frame(new Uint8Array(5)).subarray(0, 6))]).toEqual([]);
    expect(reader.pending).toBe(6);
  });
});
