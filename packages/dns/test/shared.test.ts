import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createSharedWork } from '../src/shared.js';

function createJob() {
  let resolve: (value: string) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<string>((onDone, onFail) => {
    resolve = onDone;
    reject = onFail;
  });
  let begun = 0;
  let ended: AbortSignal | undefined;
  const work = ({ signal }: AbortController): Promise<string> => {
    begun += 1;
    ended = signal;
    signal.addEventListener('abort', () => reject(signal.reason));
    return promise;
  };
  return {
    work,
    resolve: (value: string) => resolve(value),
    begun: () => begun,
    aborted: () => ended?.aborted,
  };
}

describe('createSharedWork', () => {
  it('does the work once for all who ask meanwhile, and again afterwards', async () => {
    const shared = createSharedWork<string>();
    const job = createJob();
    const both = [shared.run('key', undefined, job.work), shared.run('key', undefined, job.work)];
    job.resolve('done');
    expect(await Promise.all(both)).toEqual(['done', 'done']);
    expect(job.begun()).toBe(1);
    await shared.run('key', undefined, job.work);
    expect(job.begun()).toBe(2);
  });

  it('tells keys apart', async () => {
    const shared = createSharedWork<string>();
    const job = createJob();
    const both = [shared.run('one', undefined, job.work), shared.run('two', undefined, job.work)];
    job.resolve('done');
    await Promise.all(both);
    expect(job.begun()).toBe(2);
  });

  it('goes on for the others when one gives up, and ends when all have', async () => {
    const shared = createSharedWork<string>();
    const job = createJob();
    const first = new AbortController();
    const second = new AbortController();
    const waits = [shared.run('key', first.signal, job.work), shared.run('key', second.signal, job.work)];
    first.abort(new Error('gave up'));
    await expect(waits[0]).rejects.toThrow('gave up');
    expect(job.aborted()).toBe(false);
    second.abort(new Error('gave up too'));
    await expect(waits[1]).rejects.toThrow('gave up too');
    expect(job.aborted()).toBe(true);
  });

  it('adds one listener to a signal, however many wait by it', async () => {
    const shared = createSharedWork<string>();
    const job = createJob();
    const { signal } = new AbortController();
    const waits = Array.from({ length: 20 }, (_, index) => shared.run(`key ${index}`, signal, job.work));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    job.resolve('done');
    await Promise.all(waits);
  });
});
