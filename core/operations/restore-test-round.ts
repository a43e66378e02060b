import { mapConcurrent } from '../concurrent.ts';
import type { DatabaseConfig } from '../config/load.ts';
import { toLifeboatError } from '../errors.ts';
import type { RestoreTestRow } from '../notify/notification.ts';
import type { Observation } from '../policy/telling.ts';
import { announce } from './announce.ts';
import type { Context } from './context.ts';
import { resultOf, type Report } from './restore-tests.ts';
import { readState, type RestoreTested } from './state.ts';

// One message with a table of all, whoever ends last. Each database leaves its result in its summary and then looks at the others': since every one
// writes before it looks, the last one sees all of them. Two that are last at once both see all, and the memory of what was told lets one tell.

const READERS = 16;

const rowOf = (database: string, { ok, id, takenAt, size, durationMs, problem }: RestoreTested): RestoreTestRow => ({
  database,
  ok,
  durationMs,
  ...(id !== null && takenAt !== undefined && size !== undefined ? { backup: { id, takenAt, size } } : {}),
  ...(problem === null ? {} : { message: problem }),
});

/** Our own results are known without the store, which may be what failed. */
const results = (context: Context, databases: readonly string[], own: readonly Report[] = []) =>
  mapConcurrent(databases, READERS, async (name) => {
    const mine = own.find(({ database }) => database === name);
    return { name, tested: mine ? resultOf(mine) : ((await readState(context, name)).state?.lastRestoreTest ?? null) };
  });

/** The last result of each database that has one: what a message about a restore test shows. */
export const restoreTestRows = async (context: Context, databases: readonly string[]): Promise<RestoreTestRow[]> =>
  (await results(context, databases)).flatMap(({ name, tested }) => (tested ? [rowOf(name, tested)] : []));

const event = (rows: readonly RestoreTestRow[], round: string, run: string, at: Date): Observation => ({
  subject: 'restore-test',
  state: 'event',
  kind: rows.every(({ ok }) => ok) ? 'restore-test-passed' : 'restore-test-failed',
  occurrence: round,
  at: at.toISOString(),
  note: { run },
});

/**
 * Tells how a restore test of `all` these databases ended, once, and only when each of them has reported this round. It is remembered with the first of
 * them, so that two that are last at once meet there. Throws nothing.
 */
export const announceRound = async (context: Context, all: readonly DatabaseConfig[], own: readonly Report[]): Promise<void> => {
  const { round, run } = own.at(-1) ?? { round: '', run: '' };
  const [first] = [...all].sort((a, b) => (a.name < b.name ? -1 : 1));
  if (!first || own.length === 0 || !context.notifier) return;
  try {
    const found = await results(
      context,
      all.map(({ name }) => name),
      own,
    );
    if (!found.every(({ tested }) => tested?.round === round)) return;
    const rows = found.flatMap(({ name, tested }) => (tested ? [rowOf(name, tested)] : []));
    const about = { database: first.name, timeZone: first.timeZone };
    await announce(context, about, [event(rows, round, run, context.now())], { by: run, rows: async () => rows });
  } catch (error) {
    context.log('ERROR', `how the restore test ended could not be told: ${toLifeboatError(error).message}`, { event: 'notification', run });
  }
};
