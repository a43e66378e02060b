import { toLifeboatError } from '../lib/errors.ts';
import type { GoodBackup, RestoreTestRow } from '../notify/notification.ts';
import type { Notifier } from '../notify/notifier.ts';
import { notificationOf } from './observations.ts';
import { NO_MEMORY, type Memory } from './memory.ts';
import type { Context } from '../context.ts';
import { lastResults, rowsOf } from './rows.ts';
import { readState } from '../state/state.ts';
import { tell } from './deliver.ts';
import { createToldMemory } from '../state/told-memory.ts';
import type { Observation } from './rules.ts';

/** Where it is remembered what was told of the store itself; no database can have this name. */
export const STORE_MEMORY = '_store';

export type About = {
  readonly database: string;
  readonly timeZone: string;
  /** By default the database's own; for what is about no single one it is `STORE_MEMORY`. */
  readonly memory?: typeof STORE_MEMORY;
};
type More = {
  /** Names this run, and no other at the same time. */
  readonly by: string;
  /** The databases of the restore test that is told. */
  readonly rows?: readonly RestoreTestRow[];
};

// While a store does not answer, what was told is remembered here, so that the retries of one process tell once.
const spares = new WeakMap<Notifier, Map<string, { memory: Memory }>>();

/** Tells whoever the configuration names what was observed of a database. Does nothing where nobody is to be told, and throws nothing. */
export async function announce(
  context: Context,
  { database, timeZone, memory: elsewhere }: About,
  observations: readonly Observation[],
  { by, rows }: More,
): Promise<void> {
  const { notifier, store, log, now, tool, project } = context;
  const memory = elsewhere ?? database;
  if (!notifier) return;
  try {
    await tell(
      {
        port: createToldMemory(store, memory),
        notifier,
        compose: async (telling) => {
          const good =
            telling.direction === 'event' || memory !== database
              ? {}
              : await lastGood(context, database);
          const databases =
            telling.direction === 'event'
              ? { databases: rows ?? (await rowsLeft(context, database)) }
              : {};
          return notificationOf(telling, {
            database,
            timeZone,
            tool,
            project,
            ...good,
            ...databases,
          });
        },
        log,
        now,
        by,
        repeatMs: context.repeatMs,
        spare: spareOf(notifier, memory),
      },
      observations,
    );
  } catch (error) {
    log(
      'ERROR',
      `what happened to ${database} could not be told: ${toLifeboatError(error).message}`,
      {
        event: 'notification',
        database,
        run: by,
        cause: error,
      },
    );
  }
}

/** Likewise, of what is about the store or the deployment and so about every database: told once, not once for each. */
export function announceStore(
  context: Context,
  timeZone: string,
  observations: readonly Observation[],
  by: string,
): Promise<void> {
  return announce(
    context,
    { database: context.store.url, timeZone, memory: STORE_MEMORY },
    observations,
    {
      by,
    },
  );
}

/** Absent when the store does not answer: then nothing is known, which is not the same as none. */
async function lastGood(
  context: Context,
  database: string,
): Promise<{ lastGood?: GoodBackup | null }> {
  try {
    const newest = (await readState(context, database)).state?.backups[0];
    return {
      lastGood: newest ? { id: newest.id, takenAt: newest.takenAt, size: newest.size } : null,
    };
  } catch {
    return {};
  }
}

/** Of a restore test whose message somebody died over: what the summaries say of it. */
async function rowsLeft(context: Context, database: string): Promise<RestoreTestRow[]> {
  return rowsOf(
    await lastResults(context, context.configured.length > 0 ? context.configured : [database]),
  );
}

function spareOf(notifier: Notifier, database: string): { memory: Memory } {
  const known = spares.get(notifier) ?? new Map<string, { memory: Memory }>();
  spares.set(notifier, known);
  const spare = known.get(database) ?? { memory: NO_MEMORY };
  known.set(database, spare);
  return spare;
}
