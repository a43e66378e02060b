// What is stored about a database beside its backups: the records of its runs, and
// `state/<database>.json`, which holds the summary that status reads and the memory of
// notifications. One file reads, parses and changes that object: `stored.ts`. Everything in the
// summary can be rebuilt. Imports `catalog` and what is below it.

import { NAME } from '../config/database.ts';
import type { Listing } from '../catalog/listing.ts';
import type { Context } from '../context.ts';
import type { RestoreTestSummary, RunRecord } from '../documents/run.ts';
import { LifeboatError } from '../lib/errors.ts';
import type { Store } from '../store/store.ts';
import { endedRuns } from './records.ts';
import { changeStored, readStored, type State } from './stored.ts';
import { catalogued } from './summary.ts';

export type { State } from './stored.ts';

export const MOST_RUNS = 90;

/** The summary, in a single request; undefined when it is missing or damaged. */
export async function readSummary(
  { store }: Pick<Context, 'store'>,
  database: string,
): Promise<State | undefined> {
  try {
    return (await readStored(store, database)).summary;
  } catch (error) {
    // The next run rebuilds it; until then it must not hide the status of the other databases.
    if (
      error instanceof LifeboatError &&
      (error.code === 'not_found' || error.code === 'backup_damaged')
    )
      return undefined;
    throw error;
  }
}

/** The generation of each summary in a store, by the name of its database. */
export type SummaryListing = ReadonlyMap<string, string>;

/** The databases that have a summary, in one request for each 1,000. */
export async function listSummaries({ store }: Pick<Context, 'store'>): Promise<SummaryListing> {
  const summaries = new Map<string, string>();
  for await (const { key, generation } of store.list('state/', { shallow: true })) {
    const name = /^state\/(.+)\.json$/.exec(key)?.[1];
    if (name !== undefined && NAME.test(name)) summaries.set(name, generation);
  }
  return summaries;
}

/**
 * The summary, built from the catalog and the run records. `known` are copies of records,
 * which need not be true.
 */
export async function rebuildState(
  context: Context,
  database: string,
  listing?: Listing,
  known: readonly RunRecord[] = [],
): Promise<State> {
  const backups = await catalogued(context, database, listing);
  const runs = await endedRuns(context.store, database, MOST_RUNS, known);
  return {
    lifeboat: 1,
    database,
    updatedAt: context.now().toISOString(),
    ...backups,
    runs,
    lastFailure: runs.filter(({ ok, error }) => !ok && error).at(-1)?.error ?? null,
    lastRestoreTest: lastRestoreTestIn(runs),
  };
}

/**
 * Adds a run that has ended, and takes the backups from the catalog: from `listing` if no other run
 * has added a backup since. A lost update does no harm, because the next one lists them again.
 */
export async function withRun(
  context: Context,
  state: State,
  record: RunRecord,
  listing?: Listing,
): Promise<State> {
  const current = listing && isCurrent(listing, state, context.now()) ? listing : undefined;
  return {
    ...state,
    updatedAt: context.now().toISOString(),
    ...(await catalogued(context, state.database, current)),
    runs: [...state.runs.filter(({ run }) => run !== record.run), record]
      .sort((a, b) => (a.endedAt < b.endedAt ? -1 : 1))
      .slice(-MOST_RUNS),
    lastFailure: record.error ?? state.lastFailure,
  };
}

/**
 * Changes the summary and leaves the notification memory as it is. `change` may be called several
 * times.
 */
export function updateState(
  context: Context,
  database: string,
  change: (state: State) => Promise<State> | State,
  listing?: Listing,
): Promise<State> {
  return changeStored(context.store, database, async ({ summary, notificationMemory }) => {
    const result = await change(summary ?? (await rebuildState(context, database, listing)));
    return { fields: { ...result, told: notificationMemory }, result };
  });
}

/**
 * Changes the notification memory, which is stored in the field `told`, and leaves every other
 * field as it is. `change` may be called several times; a memory that it leaves undefined is not
 * written.
 */
export function updateNotificationMemory<T>(
  store: Store,
  database: string,
  change: (memory: unknown) => { readonly memory: object | undefined; readonly result: T },
): Promise<T> {
  return changeStored(store, database, ({ notificationMemory, fields }) => {
    const { memory, result } = change(notificationMemory);
    return { fields: memory && { ...fields, told: memory }, result };
  });
}

/**
 * Whether the listing has every backup of the summary that has not expired: if not, another run has
 * added one since.
 */
function isCurrent({ manifests }: Listing, { backups }: State, now: Date): boolean {
  const ids = new Set(manifests.map(({ id }) => id));
  return backups.every(({ id, expires }) => ids.has(id) || Date.parse(expires) <= now.getTime());
}

/** The last restore test according to its run record, which does not name the backup. */
function lastRestoreTestIn(runs: readonly RunRecord[]): RestoreTestSummary | null {
  const last = runs.filter(({ operation }) => operation === 'restore-test').at(-1);
  return last
    ? {
        at: last.endedAt,
        ok: last.ok,
        id: null,
        durationMs: last.durationMs,
        problem: last.error?.message ?? null,
      }
    : null;
}
