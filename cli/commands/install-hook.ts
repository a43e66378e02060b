import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Argument, Option, type Command } from 'commander';
import { LifeboatError } from '../../core/lib/errors.ts';
import { installHook, removeHook } from '../../core/setup/hook/install.ts';
import type { Program } from '../../core/setup/hook/text.ts';
import { readAddress } from '../../core/trigger/address.ts';
import { backupText } from '../backup-text.ts';
import { printResult } from '../output.ts';
import { repeatable, timeZoneOf, type CommandContext } from './context.ts';
import type { Globals } from '../setup.ts';

type HookFlags = {
  database: string[];
  command?: string;
  url?: string;
  remove: boolean;
  run: boolean;
};

const REASON = ['--reason', 'pre-push'];
const EXISTING = {
  none: '',
  added: ' The existing hook runs after the backup.',
  replaced: ' It replaces the older version of this hook.',
  chained: ' The existing hook was kept and runs after the backup.',
};

export function addInstallHook(program: Command, context: CommandContext): void {
  program
    .command('install-hook')
    .description('install a git hook that backs up before each push, and stops the push on failure')
    .addArgument(new Argument('<hook>', 'the hook to install').choices(['pre-push']))
    .option(
      '--database <database>',
      'a configured database or a path (repeatable; default: all configured databases)',
      repeatable,
      [],
    )
    .option('--url <address>', 'let this function backup-now make the backups')
    .option(
      '--command <command>',
      'how the hook calls lifeboat (default: this program, by its absolute path)',
    )
    .option('--remove', 'remove the hook', false)
    .addOption(new Option('--run', 'what the hook runs').default(false).hideHelp())
    .action(async (_: string, flags: HookFlags) => {
      if (flags.run) return runHook(context);
      if (flags.remove) return remove(context);
      return install(flags, program.opts<Globals>(), context);
    });
}

/** What the hook runs when it names no database: a backup of each that is configured by then. */
async function runHook({ open, terminal, running, clearProgress }: CommandContext): Promise<void> {
  const app = await open();
  const names = Object.keys(app.config.databases);
  if (names.length === 0)
    throw usageError(
      'there are no databases in lifeboat.yaml',
      'Add one, or remove the hook with `lifeboat install-hook pre-push --remove`.',
    );
  for (const name of names) {
    const result = await app
      .backup(name, { kind: 'auto', reason: 'pre-push', ...running })
      .finally(clearProgress);
    const about = { timeZone: timeZoneOf(app, name), store: app.config.store };
    printResult(terminal, result, backupText(result, about));
  }
}

async function remove({ terminal, cwd }: CommandContext): Promise<void> {
  const result = await removeHook(cwd);
  const rest = result.restored ? '; your own hook stays' : '';
  printResult(terminal, result, `Removed the Lifeboat hook from ${result.path}${rest}.\n`);
}

async function install(flags: HookFlags, globals: Globals, context: CommandContext): Promise<void> {
  const { terminal, cwd } = context;
  const { command } = flags;
  if (command !== undefined && (command.trim() === '' || /[\r\n]/.test(command)))
    throw usageError(
      '--command must be one line',
      'Use a shell command such as "ssh backup@10.0.0.5 lifeboat".',
    );
  const calls = await callsOf(flags, globals, context);
  const result = await installHook(cwd, programOf(command), calls);
  printResult(
    terminal,
    result,
    `Installed ${result.path}: it backs up before each push.${EXISTING[result.existing]}
To push without a backup: git push --no-verify, or LIFEBOAT_SKIP=1 git push
`,
  );
}

function usageError(message: string, hint: string): LifeboatError {
  return new LifeboatError('usage', message, hint);
}

function programOf(command: string | undefined): Program {
  if (command !== undefined) return { command };
  const main = `../main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`;
  return { node: process.execPath, main: fileURLToPath(new URL(main, import.meta.url)) };
}

/** The arguments with which the hook calls Lifeboat, one call after the other. */
async function callsOf(
  { database: names, command, url }: HookFlags,
  globals: Globals,
  context: CommandContext,
): Promise<string[][]> {
  if (url !== undefined) return triggerCalls(names, url);
  // Another machine has files of its own, so the names cannot be checked here.
  if (command !== undefined && names.length > 0)
    return names.map((name) => ['backup', name, ...REASON]);
  const { config } = await context.open();
  const places = command === undefined ? placeFlags(globals, context, config.store) : [];
  if (names.length === 0) {
    if (Object.keys(config.databases).length === 0)
      throw usageError(
        'there are no databases in lifeboat.yaml',
        'Add one, or name the file with --database ./db.sqlite3.',
      );
    return [['install-hook', 'pre-push', '--run', ...places]];
  }
  return names.map((name) => {
    const isConfigured = config.databases[name] !== undefined;
    if (!isConfigured && !(isPath(name) && existsSync(resolve(context.cwd, name))))
      throw usageError(
        `no database \`${name}\` in lifeboat.yaml, and no such file`,
        'Use a name from lifeboat.yaml, or a path such as ./db.sqlite3.',
      );
    const database = isConfigured ? name : resolve(context.cwd, name);
    return ['backup', database, ...REASON, ...places];
  });
}

function triggerCalls(names: readonly string[], url: string): string[][] {
  readAddress(url);
  if (names.length === 0)
    throw usageError('--url needs the names of the databases', 'Name each one with --database.');
  return names.map((name) => ['trigger', name, '--url', url, ...REASON]);
}

/** The configuration and store for the hook, wherever it is run from. */
function placeFlags(
  { config, store }: Globals,
  { env, cwd }: CommandContext,
  storeUrl: string,
): string[] {
  const file = resolve(cwd, config ?? env['LIFEBOAT_CONFIG'] ?? 'lifeboat.yaml');
  const hasFile = existsSync(file);
  const needsStore = store !== undefined || env['LIFEBOAT_STORE'] !== undefined || !hasFile;
  return [...(hasFile ? ['--config', file] : []), ...(needsStore ? ['--store', storeUrl] : [])];
}

function isPath(name: string): boolean {
  return /[/.]/.test(name);
}
