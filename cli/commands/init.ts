import { ENGLISH, formatSize } from '../../core/lib/format.ts';
import { dirname, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { LifeboatError } from '../../core/lib/errors.ts';
import { findDatabases, suggested, type Found } from '../../core/setup/init/find.ts';
import { chosen, refuseOccupied, writeConfig } from '../../core/setup/init/init.ts';
import { withTerminal, type Ask } from '../ask.ts';
import { answer } from '../output.ts';
import { several, type Door } from './door.ts';
import type { Globals } from '../setup.ts';
import { parseStoreAddress, storeAddressFault } from '../../core/config/store-address.ts';

type Options = {
  source: string[];
  schedule: string;
  timeZone?: string;
  email?: string;
  yes: boolean;
  force: boolean;
};
type Answers = {
  readonly sources: readonly string[];
  readonly store: string;
  readonly schedule: string;
  readonly timeZone: string;
  readonly email: string;
};

export function addInit(program: Command, { terminal, signal, env, cwd }: Door): void {
  program
    .command('init')
    .description(
      'write a lifeboat.yaml: asks a few questions on a terminal, and finds SQLite files nearby',
    )
    .option(
      '--source <path>',
      'a database to back up: a path or an address; may be given several times',
      several,
      [],
    )
    .addOption(new Option('--schedule <cron>', 'when to back up').default('0 3 * * *'))
    .option('--time-zone <zone>', 'of the schedule (default: that of this machine)')
    .option('--email <address>', 'who is told when a backup fails')
    .option('--yes', 'ask nothing, and take what is found', false)
    .option('--force', 'put it in the place of an older lifeboat.yaml', false)
    .action(async ({ source, schedule, timeZone, email, yes, force }: Options) => {
      const { config, store } = program.opts<Globals>();
      const path = resolve(cwd, config ?? env['LIFEBOAT_CONFIG'] ?? 'lifeboat.yaml');
      await refuseOccupied(path, force);
      const asks = process.stdin.isTTY && process.stderr.isTTY && !yes && !terminal.json;
      if (!asks && !yes && source.length === 0)
        throw new LifeboatError(
          'usage',
          'there is no terminal to ask on',
          'Give --source, or take what is found with --yes.',
        );
      const found = await findDatabases(cwd);
      const zone = timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
      const sources =
        asks || source.length > 0 ? source : suggested(found).map((each) => each.path);
      const given: Answers = {
        sources,
        store: store ?? './backups',
        schedule,
        timeZone: zone,
        email: email ?? '',
      };
      const answers = asks
        ? await withTerminal(signal, (ask) => askAll(ask, found, given, terminal.err))
        : given;
      if (answers.sources.length === 0) throw nothing();
      const folder = dirname(path);
      const databases = chosen(answers.sources, found, cwd, folder);
      // A folder is meant from here, and written for the place of the file.
      const place = answers.store;
      const elsewhere =
        folder !== cwd &&
        storeAddressFault(place) === undefined &&
        parseStoreAddress(place, cwd).kind === 'directory';
      const done = await writeConfig(
        path,
        {
          databases,
          store: elsewhere ? resolve(cwd, place) : place,
          schedule: answers.schedule,
          timeZone: answers.timeZone,
          email: answers.email === '' ? undefined : answers.email,
        },
        force,
      );
      const next = [...databases.map(({ name }) => `lifeboat backup ${name}`), 'lifeboat doctor'];
      answer(
        terminal,
        { ...done, next },
        `${path} is written: ${databases.map(({ name }) => name).join(', ')}. Next:\n${next.map((each) => `  ${each}\n`).join('')}`,
      );
    });
}

function nothing() {
  return new LifeboatError(
    'usage',
    'no SQLite file was found here',
    'Name it: --source path/of/db.sqlite3, or a gs:// or https:// address.',
  );
}

async function askAll(
  ask: Ask,
  found: readonly Found[],
  { sources, ...given }: Answers,
  say: (text: string) => void,
): Promise<Answers> {
  let named = sources;
  if (named.length === 0) {
    if (found.length > 0) say(`SQLite files here:\n${describe(found)}`);
    const proposal = suggested(found)
      .map((each) => String(found.indexOf(each) + 1))
      .join(', ');
    named = pick(await ask('Which are to be backed up? Numbers, or a path', proposal), found);
  }
  return {
    sources: named,
    store: await ask(
      'Where are the backups to live? A folder on another disk, or gs://bucket',
      given.store,
    ),
    schedule: await ask('When? Minute, hour, day, month, weekday', given.schedule),
    timeZone: await ask('In which time zone?', given.timeZone),
    email: await ask('Who is told when a backup fails? An e-mail address, or nothing', given.email),
  };
}

function describe(found: readonly Found[]): string {
  return found
    .map(
      ({ path, size, framework, named }, at) =>
        `  ${at + 1}  ${path}  ${formatSize(ENGLISH, size)}${framework ? `, ${framework}` : ''}${named ? ', named by its settings' : ''}\n`,
    )
    .join('');
}

/** `1, 3` means those of the list; anything else is a path or an address. */
function pick(line: string, found: readonly Found[]): string[] {
  return line
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((word) => (/^\d+$/.test(word) ? (found[Number(word) - 1]?.path ?? word) : word));
}
