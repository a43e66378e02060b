import { Command, CommanderError, Help, Option } from 'commander';
import type { Setup } from './setup.ts';
import { LifeboatError, toLifeboatError } from '../core/lib/errors.ts';
import { hideInError } from '../core/lib/log/redaction.ts';
import { addCommands } from './commands/index.ts';
import { hasFlag } from './flags.ts';
import { EXAMPLES, EXIT_STATUSES } from './help-text.ts';
import { printFailure, type Terminal } from './output.ts';
import { ReportedFailure } from './reported-failure.ts';

const NO_COMMAND = 2;

/** Runs one command line. Returns the exit status; throws nothing. */
export async function run(args: readonly string[], setup: Setup): Promise<number> {
  const { streams } = setup;
  // Read before parsing, because an error in the command line must be JSON, too.
  const terminal: Terminal = {
    out: streams.out,
    err: streams.err,
    json: args.includes('--json'),
    quiet: hasFlag(args, 'quiet'),
    colours: setup.colours,
    outColours: setup.outColours,
    columns: streams.outColumns ?? Infinity,
    remark: (text) => {
      if (streams.terminal && !terminal.json && !terminal.quiet) streams.err(text);
    },
  };
  const program = createProgram(setup, terminal);
  try {
    setup.signal.throwIfAborted();
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const command = program.commands.find((each) => args.includes(each.name()));
    if (error instanceof CommanderError && !terminal.json && endsEarly(error, args)) {
      (command ?? program).configureOutput({ writeOut: terminal.err }).outputHelp();
      return NO_COMMAND;
    }
    const failure =
      error instanceof CommanderError
        ? commandLineError(error, command)
        : toLifeboatError(hideInError(error, setup.hide));
    const isReported = error instanceof ReportedFailure && terminal.json;
    if (!isReported) printFailure(terminal, failure);
    return failure.exit;
  }
}

/** The program with all its commands. */
export function createProgram(setup: Setup, terminal: Terminal): Command {
  const program = new Command('lifeboat')
    .description(
      'Backs up live SQLite databases, checks every backup, and tests that they restore.',
    )
    .version(setup.version)
    .addOption(
      new Option(
        '--config <file>',
        'configuration file (default: LIFEBOAT_CONFIG, or lifeboat.yaml here or in a folder above)',
      ),
    )
    .addOption(
      new Option(
        '--store <place>',
        'where backups are stored: a folder or gs://bucket (default: LIFEBOAT_STORE, the configuration, or ./backups)',
      ),
    )
    .option('--json', 'print one JSON document', false)
    .option('-q, --quiet', 'print errors only', false)
    .option('-v, --verbose', 'also print each step of the log', false)
    .configureHelp({ showGlobalOptions: true, optionDescription })
    .addHelpText('after', `\nExamples:\n${EXAMPLES}\n\nExit status: ${EXIT_STATUSES}`)
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: () => undefined });
  addCommands(program, setup, terminal);
  return program;
}

/** A command line that is only a name, or less, is a question and no mistake. */
function endsEarly({ code }: CommanderError, args: readonly string[]): boolean {
  if (code === 'commander.help' || code === 'commander.missingArgument') return true;
  const words = args.filter((each) => !each.startsWith('-'));
  return code === 'commander.missingMandatoryOptionValue' && words.length === 1;
}

/** A switch is off unless it is given: the help need not say so. */
function optionDescription(option: Option): string {
  return new Help().optionDescription(option).replace(/ \(default: (?:false|\[\])\)$/, '');
}

function commandLineError(error: CommanderError, command: Command | undefined): LifeboatError {
  const message =
    error.code === 'commander.help'
      ? 'no command given'
      : error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  const words = command === undefined ? 'lifeboat' : `lifeboat ${command.name()}`;
  return new LifeboatError('usage', message, `See \`${words} --help\`.`);
}
