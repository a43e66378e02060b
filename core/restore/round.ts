import type { DatabaseConfig } from '../config/load.ts';
import { toLifeboatError } from '../lib/errors.ts';
import type { RestoreTestRow } from '../notify/notification.ts';
import { announce } from '../alerts/announce.ts';
import type { Context } from '../context.ts';
import {
  lastRestoreTests,
  restoreTestRows,
  type LastRestoreTest,
} from '../alerts/restore-test-rows.ts';
import { resultOf, type Report } from './report.ts';
import type { Observation } from '../alerts/rules.ts';

/**
 * Reports how a restore test of `all` these databases ended, once, after each of them has reported
 * this round. `own` are the reports of this process. It is remembered with the first of all, so
 * that two that are last at once meet there. Throws nothing.
 */
export async function announceRound(
  context: Context,
  all: readonly DatabaseConfig[],
  own: readonly Report[],
): Promise<void> {
  const [first] = [...all].sort((a, b) => (a.name < b.name ? -1 : 1));
  const last = own.at(-1);
  if (!first || !last || !context.notifier) return;
  try {
    const results = await resultsOf(context, all, own);
    if (!results.every(({ tested }) => tested?.round === last.round)) return;
    const rows = restoreTestRows(results);
    const about = { database: first.name, timeZone: first.timeZone };
    await announce(context, about, [event(rows, last, context.now())], { runId: last.run, rows });
  } catch (error) {
    context.log(
      'ERROR',
      `the result of the restore test could not be announced: ${toLifeboatError(error).message}`,
      {
        event: 'notification',
        run: last.run,
        cause: error,
      },
    );
  }
}

// One message with a table of all databases, sent by the test that ends last. Each test stores its
// result in its summary and then reads the others'. Since each writes before it reads, the last one
// sees all results. If two end at once, both see all, and the notification memory lets only one of
// them send.

/** Our own results are known without the store, which may be what failed. */
async function resultsOf(
  context: Context,
  all: readonly DatabaseConfig[],
  own: readonly Report[],
): Promise<LastRestoreTest[]> {
  const others = all
    .filter(({ name }) => !own.some(({ database }) => database === name))
    .map(({ name }) => name);
  return [
    ...own.map((report) => ({ name: report.database, tested: resultOf(report) })),
    ...(await lastRestoreTests(context, others)),
  ];
}

function event(
  rows: readonly RestoreTestRow[],
  { round, run }: Pick<Report, 'round' | 'run'>,
  at: Date,
): Observation {
  return {
    subject: 'restore-test',
    state: 'event',
    kind: rows.every(({ ok }) => ok) ? 'restore-test-passed' : 'restore-test-failed',
    occurrence: round,
    at: at.toISOString(),
    note: { run },
  };
}
