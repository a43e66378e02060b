import { Command, CommanderError, Option } from 'commander';
import type { Setup } from './setup.ts';
import { LifeboatError, toLifeboatError } from '../core/lib/errors.ts';
import { addCommands } from './commands/index.ts';
import { printFailure, type Terminal } from './output.ts';
import { ReportedFailure } from './reported-failure.ts';

const EXAMPLES = `
Examples:
  lifeboat backup ./db.sqlite3                 back up a file into ./backups; no configuration needed
  lifeboat list                                list backups, newest first
  lifeboat restore db --to ./restored.sqlite3  restore the latest backup to a new file
  lifeboat verify db --read-data               read every backup and check that it is undamaged

Exit status: 0 done, 1 unexpected error, 2 usage or configuration, 3 problem with the database, 4 not found,
5 damaged backup, 6 store unreachable or denied, 7 no space, memory or time, 8 encryption key, 9 backup late or missing,
10 notification failed, 130 interrupted.`;

const NO_COMMAND = 2;

/** Runs one command line. Returns the exit status; throws nothing. */
export async function run(args: readonly string[], setup: Setup): Promise<number> {
  const { streams } = setup;
  // Read before parsing, because an error in the command line must be JSON, too.
  const terminal: Terminal = {
    out: streams.out,
    err: streams.err,
    json: args.includes('--json'),
    quiet: args.includes('--quiet'),
    colours: setup.colours,
    outColours: setup.outColours,
  };
  const program = createProgram(setup, terminal);
  try {
    setup.signal.throwIfAborted();
    addCommands(program, setup, terminal);
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    if (error instanceof CommanderError && error.code === 'commander.help' && !terminal.json) {
      program.configureOutput({ writeOut: terminal.err }).outputHelp();
      return NO_COMMAND;
    }
    const failure =
      error instanceof CommanderError ? commandLineError(error) : toLifeboatError(error);
    if (!(failure instanceof ReportedFailure && terminal.json)) printFailure(terminal, failure);
    return failure.exit;
  }
}

function createProgram({ version }: Setup, terminal: Terminal): Command {
  return new Command('lifeboat')
    .description('Backs up live SQLite databases, and proves that every backup restores.')
    .version(version)
    .addOption(
      new Option(
        '--config <file>',
        'configuration file (default: LIFEBOAT_CONFIG, or ./lifeboat.yaml)',
      ),
    )
    .addOption(
      new Option(
        '--store <folder>',
        'where backups are stored: a folder or gs://bucket (default: LIFEBOAT_STORE, the configuration, or ./backups)',
      ),
    )
    .option('--json', 'print one JSON document', false)
    .option('--quiet', 'print errors only', false)
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: () => undefined });
}

function commandLineError(error: CommanderError): LifeboatError {
  const message =
    error.code === 'commander.help'
      ? 'no command given'
      : error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  return new LifeboatError('usage', message, 'See `lifeboat --help`.');
}
