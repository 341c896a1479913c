// A wait ends once, for one cause, and releases what it held.

import { describe, expect, it } from 'vitest';
import { type Settle, waitFor } from '../../src/transport/wait.js';

const tooLate = new Error('too late');
const limits = { timeoutMs: 1000, signal: undefined, onTimeout: () => tooLate };

describe('a wait', () => {
  it('gives the value and releases once', async () => {
    let released = 0;
    let settle: Settle<number> | undefined;
    const waiting = waitFor<number>(limits, (given) => {
      settle = given;
      return () => {
        released += 1;
      };
    });
    settle?.resolve(1);
    settle?.reject(new Error('later'));
    expect(await waiting).toBe(1);
    expect(released).toBe(1);
  });

  it('releases what settles at once', async () => {
    let released = 0;
    const waiting = waitFor<number>(limits, ({ resolve }) => {
      resolve(1);
      return () => {
        released += 1;
      };
    });
    expect(await waiting).toBe(1);
    expect(released).toBe(1);
  });

  it('rejects with the error of a start that throws', async () => {
    const broken = new Error('broken');
    await expect(
      waitFor(limits, () => {
        throw broken;
      }),
    ).rejects.toBe(broken);
  });

  it('rejects when the time is over and releases', async () => {
    let released = 0;
    const waiting = waitFor({ ...limits, timeoutMs: 10 }, () => () => {
      released += 1;
    });
    await expect(waiting).rejects.toBe(tooLate);
    expect(released).toBe(1);
  });

  it('does not start for a signal that was aborted before', async () => {
    let started = false;
    const waiting = waitFor({ ...limits, signal: AbortSignal.abort('no') }, () => {
      started = true;
      return () => undefined;
    });
    await expect(waiting).rejects.toBe('no');
    expect(started).toBe(false);
  });
});
