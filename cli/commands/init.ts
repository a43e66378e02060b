import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { LifeboatError, toLifeboatError } from '../../core/lib/errors.ts';
import { ignoreBackups } from '../../core/setup/init/ignore.ts';
import { findDatabases, suggested, type Candidate } from '../../core/setup/init/find.ts';
import { chosenDatabases, refuseExisting, writeConfig } from '../../core/setup/init/init.ts';
import { parseStoreAddress, storeAddressProblem } from '../../core/config/store-address.ts';
import { ENGLISH, formatList } from '../../core/lib/text/format.ts';
import { databasesOnStoreDisk } from '../../core/setup/init/same-disk.ts';
import { expandHome } from '../../core/config/home.ts';
import { askAll, type InitAnswers } from '../init-questions.ts';
import { withTerminal } from '../ask.ts';
import { printFailure, printResult } from '../output.ts';
import { repeatable, type CommandContext } from './context.ts';
import { runInstallTimer } from './install-timer.ts';
import type { Globals } from '../setup.ts';

type InitFlags = {
  source: string[];
  schedule: string;
  timeZone?: string;
  email?: string;
  yes: boolean;
  force: boolean;
};

export function addInit(program: Command, context: CommandContext): void {
  program
    .command('init')
    .description('find SQLite files nearby, ask a few questions, and write a lifeboat.yaml')
    .option(
      '--source <path>',
      'a database to back up: a path or an address (repeatable)',
      repeatable,
      [],
    )
    .addOption(new Option('--schedule <cron>', 'when to back up').default('0 3 * * *'))
    .option('--time-zone <zone>', 'time zone of the schedule (default: that of this machine)')
    .option('--email <address>', 'send failure alerts to this address')
    .option('--yes', 'ask nothing, and configure the databases that are found', false)
    .option('--force', 'replace an existing lifeboat.yaml; the old one is kept beside it', false)
    .action((flags: InitFlags) => init(program.opts<Globals>(), context, flags));
}

async function init(globals: Globals, context: CommandContext, flags: InitFlags): Promise<void> {
  const { terminal, signal, env, cwd } = context;
  const path = resolve(cwd, globals.config ?? env['LIFEBOAT_CONFIG'] ?? 'lifeboat.yaml');
  await refuseExisting(path, flags.force);
  const { source, yes, force } = flags;
  const isInteractive = process.stdin.isTTY && process.stderr.isTTY && !yes && !terminal.json;
  if (!isInteractive && !yes && source.length === 0)
    throw new LifeboatError(
      'usage',
      'init needs a terminal for its questions',
      'Name the database with --source, or configure the databases that are found with --yes.',
    );
  const home = env['HOME'];
  const say = terminal.err;
  const isFile = (file: string): boolean =>
    statSync(resolve(cwd, expandHome(file, home)), { throwIfNoEntry: false })?.isFile() === true;
  const candidates = await findDatabases(cwd);
  const defaults = defaultsOf(globals, flags, isInteractive ? [] : suggested(candidates));
  const answers = isInteractive
    ? await withTerminal(signal, (ask) => askAll(ask, candidates, defaults, { say, isFile }))
    : defaults;
  if (answers.sources.length === 0)
    throw new LifeboatError(
      'usage',
      `no SQLite file found in ${cwd}`,
      'Name the database: --source path/of/db.sqlite3, or a gs:// or https:// address.',
    );
  const folder = dirname(path);
  const sources = answers.sources.map((each) => expandHome(each, home));
  const databases = chosenDatabases(sources, candidates, { cwd, folder });
  const { schedule, timeZone, email } = answers;
  const document = await writeConfig(
    path,
    {
      databases,
      store: storeFrom(expandHome(answers.store, home), cwd, folder),
      schedule,
      timeZone,
      email: email === '' ? undefined : email,
    },
    force,
  );
  const ignored = await ignoreBackups(folder, document.store);
  const exposed = await databasesOnStoreDisk(document.store, databases, folder);
  const names = databases.map(({ name }) => name);
  const next = [...names.map((name) => `lifeboat backup ${name}`), 'lifeboat doctor'];
  const isTimed = isInteractive && (await offerTimer({ ...globals, config: path }, context));
  if (!isTimed) next.push('lifeboat install-timer');
  const count = names.length === 1 ? '1 database' : `${names.length} databases`;
  printResult(
    terminal,
    { ...document, ignored, next },
    `Created ${path} (${count}: ${names.join(', ')}).
${document.aside === null ? '' : `The old file is ${document.aside}.\n`}${ignored.length === 0 ? '' : `Added to .gitignore: ${ignored.join(' ')}\n`}${diskText(document.store, exposed)}${alertText(email)}Next steps:
${next.map((each) => `  ${each}\n`).join('')}`,
  );
}

function diskText(store: string, names: readonly string[]): string {
  return names.length === 0
    ? ''
    : `The store ${store} is on the same disk as ${formatList(ENGLISH, names)}: if the disk fails, you lose both. Set \`store\` to another disk or to gs://bucket, or add one under \`copies\`.\n`;
}

function alertText(email: string): string {
  return email === ''
    ? 'Nobody is alerted when a backup fails: add a channel under `notify` (docs/notifications.md).\n'
    : `Scheduled backups send alerts to ${email}. Set SENDGRID_API_KEY or SMTP_URL, then try it with \`lifeboat notify-test\`.\n`;
}

/** Whether the timers are installed. A failure to install them leaves the configuration written. */
async function offerTimer(globals: Globals, context: CommandContext): Promise<boolean> {
  const { signal, terminal } = context;
  const answer = await withTerminal(signal, (ask) =>
    ask('Start backups on this schedule, by systemd, cron or launchd? yes or no', 'yes'),
  ).catch(() => 'no');
  if (!/^y(es)?$/i.test(answer)) return false;
  try {
    await runInstallTimer({ name: 'lifeboat' }, globals, context);
    return true;
  } catch (error) {
    printFailure(terminal, toLifeboatError(error));
    return false;
  }
}

function defaultsOf(
  { store }: Globals,
  { source, schedule, timeZone, email }: InitFlags,
  suggestions: readonly Candidate[],
): InitAnswers {
  return {
    sources: source.length > 0 ? source : suggestions.map(({ path }) => path),
    store: store ?? './backups',
    schedule,
    timeZone: timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone,
    email: email ?? '',
  };
}

/** The answer is relative to the current folder, the file's own paths to the folder of the file. */
function storeFrom(answer: string, cwd: string, folder: string): string {
  const isElsewhere =
    folder !== cwd &&
    storeAddressProblem(answer) === undefined &&
    parseStoreAddress(answer, cwd).kind === 'directory';
  return isElsewhere ? resolve(cwd, answer) : answer;
}
