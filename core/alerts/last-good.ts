import { newestReliable } from '../catalog/soundness.ts';
import type { Context } from '../context.ts';
import type { RestoreTestSummary } from '../documents/run.ts';
import type { GoodBackup } from '../notify/notification.ts';
import { readSummary } from '../state/state.ts';

/**
 * The newest backup that can be relied on, for a message about a problem: the summary may name a
 * backup as its newest whose files are gone. `null`: there is none. Undefined: unknown, because the
 * store does not answer. Never throws.
 */
export async function lastGoodBackup(
  context: Context,
  database: string,
): Promise<GoodBackup | null | undefined> {
  try {
    const listing = await context.catalog.list(database);
    const summary = await readSummary(context, database);
    const backup = newestReliable(listing, failedTestOf(summary?.lastRestoreTest));
    return backup ? { id: backup.id, takenAt: backup.takenAt, size: backup.size } : null;
  } catch {
    return undefined;
  }
}

/**
 * The backup that the last restore test found damaged. A test may also fail because the backup is
 * old; then its problem does not begin with the id.
 */
function failedTestOf(test: RestoreTestSummary | null | undefined): string | undefined {
  return test && !test.ok && test.id !== null && test.problem?.startsWith(`${test.id}: `)
    ? test.id
    : undefined;
}
