// The fetch of a handler by itself: what it does not let out.

import { afterEach, describe, expect, it } from 'vitest';
import { createBoundedFetch } from '../src/bounded-fetch.js';
import { type Deadline, startDeadline } from '../src/deadline.js';

let deadline: Deadline | undefined;
afterEach(() => deadline?.end());

function open() {
  const asked: string[] = [];
  deadline = startDeadline(5000);
  const fetch = createBoundedFetch({
    fetch: async (url) => {
      asked.push(String(url));
      return new Response(null);
    },
    origin: 'https://edge.acme.example:8443',
    deadline,
    traceparent: '00-1-1-01',
    maxBytes: 100,
  });
  return { asked, fetch, signal: deadline.signal };
}

describe('the fetch of a call', () => {
  it.each([
    'https://edge.acme.example/',
    'https://edge.acme.example:8444/',
    'http://edge.acme.example:8443/',
    'https://edge.acme.example.evil.example:8443/',
    'https://edge.acme.example:8443@evil.example/',
  ])('refuses another origin: %s', async (url) => {
    const { asked, fetch } = open();
    await expect(fetch(url)).rejects.toMatchObject({ code: 'ERR_PROTOCOL_ERROR' });
    await fetch('https://edge.acme.example:8443/any');
    expect(asked).toEqual(['https://edge.acme.example:8443/any']);
  });

  it('ends the call at the request after the thirty-second', async () => {
    const { asked, fetch, signal } = open();
    for (let turn = 0; turn < 32; turn++) await fetch('https://edge.acme.example:8443/');
    expect(signal.aborted).toBe(false);
    await expect(fetch('https://edge.acme.example:8443/')).rejects.toMatchObject({
      code: 'ERR_PROTOCOL_ERROR',
    });
    expect(signal.reason).toMatchObject({ code: 'ERR_PROTOCOL_ERROR' });
    expect(asked).toHaveLength(32);
  });
});
