import type { Command } from 'commander';
import type { App, BackupOptions } from '../../core/app/app.ts';
import { backupAll, backupAllError, type BackupOutcome } from '../../core/app/backup-all.ts';
import type { BackupResult } from '../../core/documents/backup.ts';
import { LifeboatError } from '../../core/lib/errors.ts';
import { backupText } from '../backup-text.ts';
import { printFailure, printResult, type Terminal } from '../output.ts';
import { ReportedFailure } from '../reported-failure.ts';
import { addBackupFlags, timeZoneOf, type BackupFlags, type CommandContext } from './context.ts';

type Flags = BackupFlags & { all: boolean; notify?: boolean };

export function addBackup(program: Command, context: CommandContext): void {
  addBackupFlags(
    program
      .command('backup')
      .argument('[database]', 'its name in lifeboat.yaml, or the path of a database file')
      .description('back up a configured database, or a database file by its path'),
    'manual',
  )
    .option('--all', 'back up every configured database, one after the other', false)
    .option(
      '--notify',
      'send failures and recoveries to the configured channels; the default with --reason schedule',
    )
    .option('--no-notify', 'send nothing')
    .action((database: string | undefined, flags: Flags) => backup(database, flags, context));
}

async function backup(
  database: string | undefined,
  { kind, reason, accept, expectMigration, all, notify }: Flags,
  { open, terminal, running, clearProgress }: CommandContext,
): Promise<void> {
  const options = { kind, reason, accept, expectMigrations: expectMigration, ...running };
  if (all) refuseForAll(database, options);
  else if (database === undefined)
    throw new LifeboatError(
      'usage',
      'no database named',
      'Name one: `lifeboat backup <database or path>`, or back up all with `lifeboat backup --all`.',
    );
  const app = await open({ notify: notify ?? (reason === 'schedule' ? 'if-configured' : false) });
  if (database === undefined) return backUpAll(app, options, { terminal, clearProgress });
  const result = await app.backup(database, options).finally(clearProgress);
  printResult(terminal, result, `${nameNote(app, database, result)}${resultText(app, result)}`);
}

async function backUpAll(
  app: App,
  options: BackupOptions,
  { terminal, clearProgress }: Pick<CommandContext, 'terminal' | 'clearProgress'>,
): Promise<void> {
  const outcomes = await backupAll(app, options, (outcome) => {
    clearProgress();
    printOutcome(terminal, app, outcome);
  });
  const document = { databases: outcomes.map(outcomeDocument) };
  const error = backupAllError(outcomes, Object.keys(app.config.databases).length);
  if (!error) return printResult(terminal, document, '');
  const failure = new ReportedFailure(error.code, error.message, error.hint);
  failure.report(terminal, document, '');
  throw failure;
}

/** For a person, each database at once: the next one may take an hour. */
function printOutcome(terminal: Terminal, app: App, outcome: BackupOutcome): void {
  if (terminal.json) return;
  if (!outcome.ok) {
    const { code, message, hint } = outcome.error;
    return printFailure(terminal, new LifeboatError(code, `${outcome.database}: ${message}`, hint));
  }
  if (!terminal.quiet) terminal.out(resultText(app, outcome.backup));
}

function outcomeDocument(outcome: BackupOutcome): object {
  if (outcome.ok) return { ok: true, ...outcome.backup };
  const { code, message, hint } = outcome.error;
  return { ok: false, database: outcome.database, error: { code, message, hint } };
}

/** What is true of one database must not be said of all. */
function refuseForAll(
  database: string | undefined,
  { accept, expectMigrations = [] }: Pick<BackupOptions, 'accept' | 'expectMigrations'>,
): void {
  const other =
    database !== undefined
      ? 'a database'
      : accept
        ? '--accept'
        : expectMigrations.length > 0
          ? '--expect-migration'
          : undefined;
  if (other === undefined) return;
  throw new LifeboatError(
    'usage',
    `--all does not go with ${other}`,
    'Use --all alone, or name one database: `lifeboat backup <database>`.',
  );
}

/** The path of a configured database means that database; the person should know. */
function nameNote({ config }: App, requested: string, { database }: BackupResult): string {
  return database === requested || config.databases[database] === undefined
    ? ''
    : `${requested} is the database ${database} of lifeboat.yaml.\n`;
}

function resultText(app: App, result: BackupResult): string {
  const timeZone = timeZoneOf(app, result.database);
  return backupText(result, { timeZone, store: app.config.store });
}
