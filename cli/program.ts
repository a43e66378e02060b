import { Command, CommanderError, Option } from 'commander';
import type { Setup } from './setup.ts';
import { LifeboatError, toLifeboatError } from '../core/lib/errors.ts';
import { addCommands } from './commands/index.ts';
import { failure, type Terminal } from './output.ts';
import { Told } from './told.ts';

const AFTER = `
Examples:
  lifeboat backup ./db.sqlite3                 back up a file into ./backups, without any configuration
  lifeboat list                                what there is, newest first
  lifeboat restore db --to ./restored.sqlite3  the newest backup, checked, to a new file
  lifeboat verify db --read-data               prove that every backup can be read

Exit status: 0 done, 1 unexpected, 2 usage or configuration, 3 the source is bad, 4 not found, 5 stored data is damaged,
6 the store cannot be reached, 7 no space, memory or time, 8 encryption, 9 late or missing, 130 interrupted.`;

/** Runs one command line; answers with the exit status and throws nothing. */
export async function run(args: readonly string[], setup: Setup): Promise<number> {
  const { streams } = setup;
  // Known before parsing, because a fault of the parsing itself must be told in JSON, too.
  const terminal: Terminal = {
    out: streams.out,
    err: streams.err,
    json: args.includes('--json'),
    quiet: args.includes('--quiet'),
    colours: setup.colours,
    outColours: setup.outColours,
  };
  const program = new Command('lifeboat')
    .description(
      'Backs up live SQLite databases, proves that each backup restores, and gives them back byte for byte.',
    )
    .version(setup.version)
    .addOption(
      new Option(
        '--config <file>',
        'configuration file (default: ./lifeboat.yaml, or LIFEBOAT_CONFIG)',
      ),
    )
    .addOption(
      new Option(
        '--store <folder>',
        'where backups live (default: the configuration, LIFEBOAT_STORE, or ./backups)',
      ),
    )
    .option('--json', 'print one JSON document', false)
    .option('--quiet', 'print errors only', false)
    .addHelpText('after', AFTER)
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({ writeOut: streams.out, writeErr: () => undefined });
  try {
    addCommands(program, setup, terminal);
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const fault =
      error instanceof CommanderError
        ? new LifeboatError(
            'usage',
            error.code === 'commander.help'
              ? 'no command given'
              : error.message.replace(/^error: /, '').replaceAll('\n', ' '),
            'See `lifeboat --help`.',
          )
        : toLifeboatError(error);
    if (!(fault instanceof Told && terminal.json)) failure(terminal, fault);
    return fault.exit;
  }
}
