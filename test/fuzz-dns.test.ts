// A few thousand mutated packets of a fixed seed; the million is in test/long.

import { expect, test } from 'vitest';
import { fuzz } from './support/dns-fuzz.js';

test('mutated packets are messages or errors, quickly', () => {
  const report = fuzz({ packets: 4000, seed: 1 });
  expect(report.slowestMs).toBeLessThan(100);
  // Were nearly all refused by the decoder, the parsers behind it would go untested.
  expect(report.decoded).toBeGreaterThan(1000);
  expect(report.refused).toBeGreaterThan(1000);
});
