import { mapConcurrent } from '../lib/async.ts';
import type { RestoreTestRow } from '../notify/notification.ts';
import type { Context } from '../context.ts';
import { readState } from '../state/state.ts';
import type { RestoreTestSummary } from '../documents/run.ts';

const READERS = 16;

export type Result = { readonly name: string; readonly tested: RestoreTestSummary | null };

/** The last result of each database, as its summary has it. */
export function lastResults(context: Context, databases: readonly string[]): Promise<Result[]> {
  return mapConcurrent(databases, READERS, async (name) => ({
    name,
    tested: (await readState(context, name)).state?.lastRestoreTest ?? null,
  }));
}

/** What a message about a restore test shows: nothing of a database that has no result. */
export function rowsOf(results: readonly Result[]): RestoreTestRow[] {
  return results.flatMap(({ name, tested }): RestoreTestRow[] => {
    if (!tested) return [];
    const { ok, id, takenAt, size, durationMs, problem } = tested;
    return [
      {
        database: name,
        ok,
        durationMs,
        ...(id !== null && takenAt !== undefined && size !== undefined
          ? { backup: { id, takenAt, size } }
          : {}),
        ...(problem === null ? {} : { message: problem }),
      },
    ];
  });
}
