// `countersign config check`: is the configuration as it must be? Every problem with its place, those of the files
// that it names included.

import { ConfigError, type ConfigProblem, formatProblem } from '@countersign/config';
import { isCountersignError } from '@countersign/core';
import type { Command } from 'commander';
import type { Host } from '../host.js';
import { toJson } from '../json.js';
import type { CommonFlags } from '../options.js';
import { hang, printable, type Report } from '../output.js';
import type { Session } from '../session.js';
import {
  anchorFileOf,
  configFileOf,
  loadSettings,
  readAnchors,
  readCertificates,
  type Settings,
} from '../settings.js';

export function addConfigCheck(config: Command, session: Session): void {
  config
    .command('check')
    .description('check the file, what it names and the environment, and show every problem')
    .action((_: unknown, command: Command) =>
      session.run(async () => {
        const flags = command.optsWithGlobals<CommonFlags>();
        const file = configFileOf(flags, session.host);
        try {
          return report(file, await fileProblems(await loadSettings(flags, session.host), session.host));
        } catch (error) {
          // A file that cannot be read has not been checked: that is no answer but an error.
          if (error instanceof ConfigError && error.code === 'ERR_CONFIG_INVALID')
            return report(file, error.problems);
          throw error;
        }
      }),
    );
}

/** What is wrong with the files that the configuration names. */
async function fileProblems(settings: Settings, host: Host): Promise<readonly ConfigProblem[]> {
  const { config, besideFile, file } = settings;
  const origin = file === undefined ? {} : { file };
  const variable = host.env.COUNTERSIGN_DNS_ANCHORS ? { variable: 'COUNTERSIGN_DNS_ANCHORS' } : origin;
  const anchors = anchorFileOf(settings, host);
  const found = await Promise.all([
    problemOf({ ...variable, path: 'dns.anchors' }, async () => {
      if (anchors !== undefined) await readAnchors(anchors);
    }),
    ...config.discovery.ca.map((path, index) =>
      problemOf({ ...origin, path: `discovery.ca[${index}]` }, () => readCertificates(besideFile(path))),
    ),
  ]);
  return found.flatMap((problem) => problem ?? []);
}

async function problemOf(
  place: Omit<ConfigProblem, 'message'>,
  read: () => Promise<unknown>,
): Promise<ConfigProblem | undefined> {
  try {
    await read();
    return undefined;
  } catch (error) {
    if (isCountersignError(error)) return { ...place, message: error.message };
    throw error;
  }
}

const nothingRead =
  'No file was read: none is named by --config FILE or COUNTERSIGN_CONFIG. The environment alone was checked.';

function report(file: string | undefined, problems: readonly ConfigProblem[]): Report {
  const ok = problems.length === 0;
  return {
    holds: ok,
    json: { ok, file: file ?? null, problems: toJson(problems) },
    lines: (style) => {
      const shown = problems.map((each) => `${style.marks.fail} ${printable(formatProblem(each))}`);
      if (file === undefined) return [...shown, ...hang('', 0, nothingRead, style)];
      return ok ? [style.good(`${printable(file)} is as it must be.`)] : shown;
    },
  };
}
