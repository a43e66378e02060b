import type { BackupResult } from '../documents/backup.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import type { App, BackupOptions } from './app.ts';

/** How the backup of one database ended. */
export type BackupOutcome =
  | { readonly ok: true; readonly backup: BackupResult }
  | { readonly ok: false; readonly database: string; readonly error: LifeboatError };

/**
 * Backs up every configured database, one after the other, in the order of the configuration. One
 * that fails does not stop the others; an interrupt does. `onOutcome` gets each outcome at once.
 * Throws `usage` when no database is configured.
 */
export async function backupAll(
  app: Pick<App, 'config' | 'backup'>,
  options: BackupOptions,
  onOutcome: (outcome: BackupOutcome) => void,
): Promise<BackupOutcome[]> {
  const names = Object.keys(app.config.databases);
  if (names.length === 0)
    throw new LifeboatError(
      'usage',
      'no database is configured',
      'Run `lifeboat init`, or name a database file: `lifeboat backup <path>`.',
    );
  const outcomes: BackupOutcome[] = [];
  for (const name of names) {
    const outcome = await outcomeOf(app, name, options);
    outcomes.push(outcome);
    onOutcome(outcome);
    if (!outcome.ok && outcome.error.code === 'interrupted') break;
  }
  return outcomes;
}

/**
 * The error of a `backup --all` in which databases failed, with code and hint of the first of them,
 * or of an interrupt; undefined when all succeeded.
 */
export function backupAllError(
  outcomes: readonly BackupOutcome[],
  count: number,
): LifeboatError | undefined {
  const failures = outcomes.filter((each) => !each.ok);
  const decisive = failures.find(({ error }) => error.code === 'interrupted') ?? failures[0];
  if (!decisive) return undefined;
  const names = failures.map(({ database }) => database).join(', ');
  return new LifeboatError(
    decisive.error.code,
    `${failures.length} of ${count} databases have no new backup: ${names}`,
    decisive.error.hint,
  );
}

async function outcomeOf(
  app: Pick<App, 'backup'>,
  database: string,
  options: BackupOptions,
): Promise<BackupOutcome> {
  try {
    return { ok: true, backup: await app.backup(database, options) };
  } catch (error) {
    return { ok: false, database, error: toLifeboatError(error) };
  }
}
