// `countersign config check`: is the configuration as it must be? Every problem with its place.

import { ConfigError, type ConfigProblem, formatProblem } from '@countersign/config';
import type { Command } from 'commander';
import { toJson } from '../json.js';
import type { CommonFlags } from '../options.js';
import { printable, type Report } from '../output.js';
import type { Session } from '../session.js';
import { loadSettings } from '../settings.js';

export function addConfigCheck(config: Command, session: Session): void {
  config
    .command('check')
    .description('check the file and the environment, and show every problem')
    .action((_: unknown, command: Command) =>
      session.run(async () => {
        try {
          await loadSettings(command.optsWithGlobals<CommonFlags>(), session.host);
          return report([]);
        } catch (error) {
          // A file that cannot be read has not been checked: that is no answer but an error.
          if (error instanceof ConfigError && error.code === 'ERR_CONFIG_INVALID')
            return report(error.problems);
          throw error;
        }
      }),
    );
}

function report(problems: readonly ConfigProblem[]): Report {
  const ok = problems.length === 0;
  return {
    holds: ok,
    json: { ok, problems: toJson(problems) },
    lines: (style) =>
      ok
        ? [style.good('The configuration is as it must be.')]
        : problems.map((problem) => `${style.marks.fail} ${printable(formatProblem(problem))}`),
  };
}
