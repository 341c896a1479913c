// The demo as a newcomer meets it: it holds, in time, and stops when it is told to.

import { describe, expect, it } from 'vitest';
import { run, runBuilt, start } from './command.js';

const steps = ['discover', 'verify', 'call', 'impostor', 'drift', 'stripped', 'mandatory'];

describe('the demo', () => {
  it('goes as it must, in under ten seconds, and ends by itself with 0', async () => {
    const began = performance.now();
    const { code, stdout, stderr } = await runBuilt(['demo']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(performance.now() - began).toBeLessThan(10_000);
    for (const word of [
      'dane_mismatch',
      'stale_discovery_drift',
      'dnssec_bogus',
      'mandatory_unsupported',
      'Lisbon',
    ]) {
      expect(stdout).toContain(word);
    }
    expect(stdout).toContain('7 of 7 steps went as they must.');
    expect(stdout).not.toContain('\u001b');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('is one document with --json', async () => {
    const { code, stdout, stderr } = await runBuilt(['demo', '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      ok: true,
      steps: steps.map((step) => expect.objectContaining({ step, ok: true })),
    });
  });

  it.each(['Countersign', 'Ask the domain', 'Prove who', 'impostor takes', 'strips'])(
    'stops cleanly on Ctrl-C after %j',
    async (text) => {
      const demo = start(['demo']);
      await demo.printed(text);
      demo.interrupt();
      const { code, stderr } = await demo.ended;
      expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    },
  );

  it('stops before it begins when it is told to, with one document for --json', async () => {
    const { code, stdout } = await run(['demo', '--json'], { signal: AbortSignal.abort(new Error('stop')) });
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'ERR_INTERRUPTED' } });
  });
});
