import type { App } from '../app-types.ts';
import type { Config } from '../config/load.ts';
import { freshness } from '../policy/freshness.ts';
import type { Context } from './context.ts';
import { list, storedDatabases } from './list.ts';
import { endedRuns } from './runs.ts';

type Status = Awaited<ReturnType<App['status']>>;

/** One line of truth per database: those that are configured, and those that only the store knows. */
export const status = async (context: Context, config: Config): Promise<Status> => {
  const names = [...new Set([...Object.keys(config.databases), ...(await storedDatabases(context))])].sort();
  const databases: Status['databases'] = [];
  for (const name of names) {
    const backups = await list(context, [name], false);
    const failed = (await endedRuns(context.store, name)).filter(({ ok, error }) => !ok && error !== undefined).at(-1);
    const configured = config.databases[name];
    const newest = backups[0];
    const { next, fresh } = freshness(
      configured?.schedule,
      configured?.timeZone ?? 'UTC',
      newest && new Date(newest.takenAt),
      context.now(),
    );
    databases.push({
      name,
      lastBackup: newest ?? null,
      lastFailure: failed?.error ?? null,
      lastRestoreTest: null,
      nextBackup: next?.toISOString() ?? null,
      fresh,
      backups: backups.length,
      storedBytes: backups.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
    });
  }
  return { databases };
};
