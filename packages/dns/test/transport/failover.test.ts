// The order in which servers are asked, and the waits between rounds.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backOffBefore, pause, rankServers } from '../../src/transport/failover.js';

describe('servers', () => {
  it('are asked in the order given while none has failed', () => {
    expect(rankServers(['a', 'b', 'c'], 1000).order(0)).toEqual(['a', 'b', 'c']);
  });

  it('that failed are asked last, the one that failed longest ago first of them', () => {
    const ranking = rankServers(['a', 'b', 'c'], 1000);
    ranking.failed('a', 20);
    ranking.failed('b', 10);
    expect(ranking.order(30)).toEqual(['c', 'b', 'a']);
    ranking.failed('b', 40);
    expect(ranking.order(50)).toEqual(['c', 'a', 'b']);
  });

  it('that answered again, or failed long enough ago, are as any other', () => {
    const ranking = rankServers(['a', 'b'], 1000);
    ranking.failed('a', 0);
    expect(ranking.order(999)).toEqual(['b', 'a']);
    expect(ranking.order(1000)).toEqual(['a', 'b']);
    ranking.failed('a', 2000);
    ranking.answered('a');
    expect(ranking.order(2001)).toEqual(['a', 'b']);
  });

  it('are all asked, whatever failed when', () => {
    const events = fc.array(fc.tuple(fc.nat(4), fc.nat(3000)), { maxLength: 20 });
    fc.assert(
      fc.property(events, fc.nat(4000), (failures, now) => {
        const ranking = rankServers([0, 1, 2, 3, 4], 1000);
        for (const [server, at] of failures) ranking.failed(server, at);
        expect([...ranking.order(now)].sort()).toEqual([0, 1, 2, 3, 4]);
      }),
    );
  });
});

describe('the wait before a round', () => {
  it('doubles, with up to a half of it taken off by chance', () => {
    const longest = () => Uint8Array.of(0);
    expect([1, 2, 3].map((round) => backOffBefore(round, 100, longest))).toEqual([100, 200, 400]);
    const shortest = () => Uint8Array.of(255);
    for (const round of [1, 2, 3]) {
      const wait = backOffBefore(round, 100, shortest);
      expect(wait).toBeGreaterThan(50 * 2 ** (round - 1));
      expect(wait).toBeLessThan(51 * 2 ** (round - 1));
    }
  });

  it('ends with the reason of the signal', async () => {
    const controller = new AbortController();
    const waiting = pause(60_000, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(pause(1, { signal: new AbortController().signal })).resolves.toBeUndefined();
  });
});
