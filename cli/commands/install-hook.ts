import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Argument, Option, type Command } from 'commander';
import { LifeboatError } from '../../core/lib/errors.ts';
import { installHook, removeHook } from '../../core/setup/hook/install.ts';
import { readAddress } from '../../core/trigger/address.ts';
import { answer, madeText } from '../output.ts';
import { several, type Door } from './door.ts';
import type { Globals } from '../setup.ts';

type Options = {
  database: string[];
  command?: string;
  url?: string;
  remove: boolean;
  run: boolean;
};

const REASON = ['--reason', 'pre-push'];
const WORDS = {
  none: 'The hook is new.',
  added: 'It was added to the hook that was there.',
  replaced: 'It took the place of the older one.',
  chained: 'The hook that was there is kept beside it, and is run after the backup.',
};

export function addInstallHook(program: Command, door: Door): void {
  const { terminal, cwd } = door;
  program
    .command('install-hook')
    .description('write a git hook that backs up before a push, and stops the push when that fails')
    .addArgument(new Argument('<hook>', 'which one').choices(['pre-push']))
    .option(
      '--database <name>',
      'a configured database, or a path; may be given several times (default: all that are configured)',
      several,
      [],
    )
    .option('--url <address>', 'have this function backup-now make the backups')
    .option(
      '--command <command>',
      'how the shell calls lifeboat (default: this program, by its absolute path)',
    )
    .option('--remove', 'take the hook out again', false)
    .addOption(new Option('--run', 'what the hook does').default(false).hideHelp())
    .action(async (_: string, options: Options) => {
      if (options.run) return runHook(door);
      if (options.remove) {
        const removed = await removeHook(cwd);
        return answer(
          terminal,
          removed,
          `${removed.path}: the hook of Lifeboat is gone${removed.restored ? ', the older one stays' : ''}.\n`,
        );
      }
      const { command } = options;
      if (command !== undefined && (command.trim() === '' || /[\r\n]/.test(command)))
        throw wrong(
          '--command is not one line',
          'Give the words that stand for `lifeboat`, such as "ssh backup@10.0.0.5 lifeboat".',
        );
      const installed = await installHook(
        cwd,
        programOf(command),
        await callsOf(options, program.opts<Globals>(), door),
      );
      answer(
        terminal,
        installed,
        `${installed.path} backs up before a push. ${WORDS[installed.existing]}\nTo push without: git push --no-verify, or LIFEBOAT_SKIP=1 git push\n`,
      );
    });
}

/** What the hook runs when it names no database: every one that is configured by then. */
async function runHook({ open, terminal, watching, clear }: Door): Promise<void> {
  const app = await open();
  const names = Object.keys(app.config.databases);
  if (names.length === 0)
    throw wrong(
      'no database is configured',
      'Name one in lifeboat.yaml, or take the hook out with --remove.',
    );
  for (const name of names) {
    const made = await app
      .backup(name, { kind: 'auto', reason: 'pre-push', ...watching })
      .finally(clear);
    answer(terminal, made, `${name}: ${madeText(made)}`);
  }
}

function wrong(message: string, hint: string) {
  return new LifeboatError('usage', message, hint);
}

function programOf(command: string | undefined) {
  return command === undefined
    ? {
        node: process.execPath,
        main: fileURLToPath(
          new URL(`../main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
        ),
      }
    : { command };
}

async function callsOf(options: Options, globals: Globals, door: Door): Promise<string[][]> {
  const { database: names, command, url } = options;
  if (url !== undefined) {
    readAddress(url);
    if (names.length === 0)
      throw wrong('--url needs the names of databases', 'Give each with --database.');
    return names.map((name) => ['trigger', name, '--url', url, ...REASON]);
  }
  // Somewhere else there may be other files.
  if (command !== undefined && names.length > 0)
    return names.map((name) => ['backup', name, ...REASON]);
  const { config } = await door.open();
  const places = command === undefined ? placesOf(globals, door, config.store) : [];
  if (names.length === 0) {
    if (Object.keys(config.databases).length === 0)
      throw wrong(
        'no database is configured',
        'Name one in lifeboat.yaml, or give the path of its file with --database.',
      );
    return [['install-hook', 'pre-push', '--run', ...places]];
  }
  for (const name of names)
    if (!config.databases[name] && !(isPath(name) && existsSync(resolve(door.cwd, name))))
      throw wrong(
        `${name} is neither configured nor a file`,
        'Give a name of lifeboat.yaml, or a path such as ./db.sqlite3.',
      );
  return names.map((name) => [
    'backup',
    config.databases[name] ? name : resolve(door.cwd, name),
    ...REASON,
    ...places,
  ]);
}

/** Which configuration and store the hook is to use, wherever it is run from. */
function placesOf({ config, store }: Globals, { env, cwd }: Door, opened: string): string[] {
  const file = resolve(cwd, config ?? env['LIFEBOAT_CONFIG'] ?? 'lifeboat.yaml');
  const configured = existsSync(file);
  const named = store !== undefined || env['LIFEBOAT_STORE'] !== undefined || !configured;
  return [...(configured ? ['--config', file] : []), ...(named ? ['--store', opened] : [])];
}

function isPath(name: string): boolean {
  return /[/.]/.test(name);
}
