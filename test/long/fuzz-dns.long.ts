// A million mutated packets: no exception but DnsError, no packet over 100 ms, no memory kept.

import { expect, test } from 'vitest';
import { fuzz } from '../support/dns-fuzz.js';

const packets = 1_000_000;
const maxGrowthOctets = 8 * 1024 * 1024;

test('a million mutated packets are messages or errors, quickly, and leave nothing behind', () => {
  // Another million every day, and the day's again when it fails: the seed is in the error.
  const seed = Math.floor(Date.now() / 86_400_000);
  const report = fuzz({ packets, seed });
  process.stderr.write(`fuzz, seed ${seed}: ${JSON.stringify(report)}\n`);
  expect(report.slowestMs).toBeLessThan(100);
  expect(report.growthOctets).toBeLessThan(maxGrowthOctets);
  expect(report.decoded).toBeGreaterThan(packets / 5);
});
