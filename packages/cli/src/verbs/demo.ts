// `countersign demo`: the product on one page, against a lab on loopback.

import type { Command } from 'commander';
import type { Session } from '../session.js';

export function addDemo(program: Command, session: Session): void {
  program
    .command('demo')
    .description('see agents found, proven and called, and an impostor refused')
    .action(() =>
      session.run(async () => {
        // Loaded only now: no other verb needs the lab.
        const { playStory } = await import('../demo/story.js');
        const { ok, steps } = await playStory({
          style: session.style,
          signal: session.host.signal,
          say: (lines) => session.say(lines),
        });
        return { holds: ok, json: { ok, steps }, lines: () => [] };
      }),
    );
}
