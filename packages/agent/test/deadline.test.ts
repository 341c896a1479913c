import { describe, expect, it } from 'vitest';
import { startDeadline } from '../src/deadline.js';
import { AgentError } from '../src/error.js';

const never = () => new Promise<never>(() => undefined);

describe('startDeadline', () => {
  it('gives the outcome of work that is in time', async () => {
    const deadline = startDeadline(1000);
    await expect(deadline.race(Promise.resolve(7))).resolves.toBe(7);
    await expect(deadline.race(Promise.reject(new Error('own')))).rejects.toThrow('own');
    deadline.end();
  });

  it('ends work that is not, whether or not it listens', async () => {
    const deadline = startDeadline(20);
    await expect(deadline.race(never())).rejects.toMatchObject({ reason: 'timeout' });
    await expect(deadline.race(never())).rejects.toMatchObject({ reason: 'timeout' });
    deadline.end();
  });

  it('ends with the first of abort, failure and time', async () => {
    const cause = new Error('enough');
    const aborted = startDeadline(1000, AbortSignal.abort(cause));
    await expect(aborted.race(never())).rejects.toMatchObject({ reason: 'aborted', cause });
    const failed = startDeadline(1000);
    failed.fail(new AgentError('ERR_BODY_TOO_LARGE', 'over'));
    failed.fail(new AgentError('ERR_TIMEOUT', 'late'));
    await expect(failed.race(never())).rejects.toMatchObject({ reason: 'body_too_large' });
    for (const deadline of [aborted, failed]) deadline.end();
  });

  it('is heard by many at once without a warning of the runtime', async () => {
    const warnings: string[] = [];
    const hear = ({ name }: Error) => void warnings.push(name);
    process.on('warning', hear);
    const deadline = startDeadline(1000);
    const races = Array.from({ length: 40 }, () => deadline.race(never()));
    deadline.end();
    await Promise.allSettled(races);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', hear);
    expect(warnings).toEqual([]);
  });

  it('stops what is left of the call at its end', () => {
    const deadline = startDeadline(1000);
    expect(deadline.signal.aborted).toBe(false);
    deadline.end();
    expect(deadline.signal.aborted).toBe(true);
  });
});
