import type { App } from '../app-types.ts';
import { mapConcurrent } from '../concurrent.ts';
import type { Config } from '../config/load.ts';
import { freshness } from '../policy/freshness.ts';
import type { Context } from './context.ts';
import { storedDatabases } from './list.ts';
import { readState, rebuildState, type State } from './state.ts';

type Status = Awaited<ReturnType<App['status']>>;
const READERS = 16;

/** The summaries there are, by name. */
const summarised = async ({ store }: Context): Promise<string[]> => {
  const names: string[] = [];
  for await (const { key } of store.list('state/')) {
    const name = /^state\/([^/_][^/]*)\.json$/.exec(key)?.[1];
    if (name !== undefined) names.push(name);
  }
  return names;
};

/** From the catalog and the runs themselves, which nobody can have forgotten to update; only the restore test is known to the summary alone. */
const anew = async (context: Context, name: string): Promise<State> => {
  const [state, known] = [await rebuildState(context, name), await readState(context, name)];
  return { ...state, lastRestoreTest: known.state?.lastRestoreTest ?? null };
};

/**
 * One line of truth per database: those that are configured, and those that only the store knows. With `fromSummaries` one object per database is
 * read and nothing else, as the function status does: its identity may see no manifest.
 */
export const status = async (context: Context, config: Config, fromSummaries: boolean): Promise<Status> => {
  const stored = fromSummaries ? await summarised(context) : await storedDatabases(context);
  const names = [...new Set([...Object.keys(config.databases), ...stored])].sort();
  const now = context.now();
  const databases = await mapConcurrent(names, READERS, async (name) => {
    const state = fromSummaries ? (await readState(context, name)).state : await anew(context, name);
    const backups = state?.backups ?? [];
    const configured = config.databases[name];
    const [newest] = backups;
    const { next, fresh } = freshness(
      configured?.schedule,
      configured?.timeZone ?? 'UTC',
      newest && new Date(newest.takenAt),
      now,
      config.watch.graceMs,
    );
    return {
      name,
      lastBackup: newest ?? null,
      lastFailure: state?.lastFailure ?? null,
      lastRestoreTest: state?.lastRestoreTest ?? null,
      nextBackup: next?.toISOString() ?? null,
      fresh,
      backups: backups.length,
      storedBytes: backups.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
    };
  });
  return { databases };
};
