// The command line: its verbs, and what a run of it comes to.

import { Command, CommanderError } from 'commander';
import { UsageError } from './error.js';
import type { Host } from './host.js';
import { addCommonOptions } from './options.js';
import { jsonText } from './output.js';
import { exitHolds, Session } from './session.js';
import { addConfigCheck } from './verbs/config-check.js';
import { addDaneCheck } from './verbs/dane-check.js';
import { addDemo } from './verbs/demo.js';
import { addDiscover } from './verbs/discover.js';
import { addInvoke } from './verbs/invoke.js';
import { addResolve } from './verbs/resolve.js';
import { addVerify } from './verbs/verify.js';
import { version } from './version.js';

const description =
  'Countersign proves who is there before an agent talks to another agent, and explains every refusal.';

const epilogue = `
Exit codes: 0 it holds, 1 it does not hold, 2 usage or run-time error.
Settings come from flags, the environment, --config FILE, in this order.`;

/** Builds the command line of one run. What commander itself prints goes to `print`. */
function createProgram(session: Session, print: (text: string) => void): Command {
  const program = addCommonOptions(new Command('countersign'))
    .description(description)
    .version(version, '--version', 'print the version')
    .helpCommand('help [verb]', 'show this, or the help of a verb')
    .addHelpText('after', epilogue)
    .configureHelp({ showGlobalOptions: true, helpWidth: session.style.width })
    .configureOutput({ writeOut: print, writeErr: () => undefined })
    .exitOverride();
  addDiscover(program, session);
  addVerify(program, session);
  addInvoke(program, session);
  addResolve(program, session);
  const dane = program.command('dane').description('TLSA records and certificates');
  addDaneCheck(dane, session);
  const config = program.command('config').description('the configuration file');
  addConfigCheck(config, session);
  addDemo(program, session);
  return program;
}

/**
 * Runs the command and returns its exit code: 0 it holds, 1 it does not, 2 usage or run-time error, 130
 * interrupted. Never throws, never exits the process.
 *
 * @param argv the arguments without the interpreter and the script
 */
export async function main(argv: readonly string[], host: Host): Promise<number> {
  const end = argv.indexOf('--');
  const flags = end === -1 ? argv : argv.slice(0, end);
  // Read before commander does: an error of the command line itself has to be JSON as well.
  const session = new Session(host, flags.includes('--json'), flags.includes('--quiet'));
  let printed = '';
  const program = createProgram(session, (text) => {
    printed += text;
  });
  // Which of them was left without its second word.
  let asked = program;
  program.addHelpText('beforeAll', ({ command }) => {
    asked = command;
    return '';
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) {
      // Help and the version are what was asked for.
      const key = error.code === 'commander.version' ? 'version' : 'help';
      host.stdout.write(session.json ? jsonText({ [key]: printed.trimEnd() }) : printed);
      return exitHolds;
    }
    session.fail(explain(error, asked));
  }
  return session.exitCode;
}

/** @param asked the command whose help commander would have shown */
function explain(error: unknown, asked: Command): unknown {
  if (!(error instanceof CommanderError)) return error;
  if (error.code === 'commander.unknownCommand') {
    const what = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
    return new UsageError(`${what}. See countersign --help`, { cause: error });
  }
  if (error.code !== 'commander.help') return error;
  const path = asked.parent === null ? 'countersign' : `countersign ${asked.name()}`;
  const verbs = asked.commands.map((command) => command.name()).join(', ');
  return new UsageError(`no verb given that ${path} knows: ${verbs}. See ${path} --help`, { cause: error });
}
