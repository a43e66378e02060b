import type { Context } from '../context.ts';
import type { RestoreTestSummary } from '../documents/run.ts';
import { mapConcurrent } from '../lib/async.ts';
import type { RestoreTestRow } from '../notify/notification.ts';
import { readSummary } from '../state/state.ts';

const REPORT_READERS = 16;

export type LastRestoreTest = {
  readonly name: string;
  readonly tested: RestoreTestSummary | null;
};

/** The last restore test of each database, from its summary. */
export function lastRestoreTests(
  context: Context,
  databases: readonly string[],
): Promise<LastRestoreTest[]> {
  return mapConcurrent(databases, REPORT_READERS, async (name) => ({
    name,
    tested: (await readSummary(context, name))?.lastRestoreTest ?? null,
  }));
}

/** The table of a message about a restore test, without the databases that have no result. */
export function restoreTestRows(tests: readonly LastRestoreTest[]): RestoreTestRow[] {
  return tests.flatMap(({ name, tested }): RestoreTestRow[] => {
    if (!tested) return [];
    const { ok, id, takenAt, size, durationMs, problem } = tested;
    const backup =
      id !== null && takenAt !== undefined && size !== undefined
        ? { id, takenAt, size }
        : undefined;
    return [{ database: name, ok, durationMs, backup, message: problem ?? undefined }];
  });
}
