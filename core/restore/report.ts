import type { DatabaseConfig } from '../config/load.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import type { Store } from '../store/store.ts';
import type { Context } from '../context.ts';
import { startDeadline } from '../runs/deadline.ts';
import { announce } from '../alerts/announce.ts';
import { finishRun } from '../runs/run.ts';
import { observedLost, observedSuccess } from '../alerts/observations.ts';
import { backupId } from '../runs/request.ts';
import { testRestore } from './restore-test.ts';
import { failureOf, startRun } from '../state/records.ts';
import { updateState } from '../state/state.ts';
import { until } from '../runs/until.ts';
import type { RestoreTestDocument } from '../documents/restore.ts';
import type { RestoreTestSummary } from '../documents/run.ts';

const DAY = 86_400_000;
const KEPT_DAYS = 400;
export const REPORTS = 'reports/restore-tests/';

export type Settings = {
  readonly older: number;
  readonly graceMs: number;
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
};
/** What lies in the store of one test. `round` is the message that asked for all databases. */
export type Report = RestoreTestDocument & {
  readonly at: string;
  readonly run: string;
  readonly round: string;
  readonly tool: string;
};

/** A report in short, as the summary has it. */
export function resultOf({
  at,
  ok,
  id,
  durationMs,
  problems,
  round,
  tested: [newest],
}: Report): RestoreTestSummary {
  return {
    at,
    ok,
    id,
    durationMs,
    problem: problems[0] ?? null,
    round,
    ...(newest ? { takenAt: newest.takenAt, size: newest.size } : {}),
  };
}

/** Tests one database as a run: recorded when it starts and ends, reported in the store, in the log and in the summary. */
export async function runRestoreTest(
  unbound: Context,
  database: DatabaseConfig,
  round: string,
  settings: Settings,
): Promise<Report> {
  const { deadlineMs } = settings;
  using deadline = startDeadline(deadlineMs, settings.signal);
  const context = until(unbound, deadline.over);
  const { store, now, log } = context;
  const began = now();
  const run = `${backupId(began, `${round} ${database.name}`)}-${context.random(4).toString('hex')}`;
  let document: RestoreTestDocument;
  try {
    const started = {
      run,
      operation: 'restore-test',
      startedAt: began.toISOString(),
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
    };
    await startRun(store, database.name, started);
    document = await testRestore(
      until(context, deadline.signal),
      database,
      settings.older,
      settings.graceMs,
      deadline.signal,
    );
  } catch (error) {
    if (settings.signal?.aborted)
      throw new LifeboatError('interrupted', 'the restore test was interrupted', 'Run it again.', {
        cause: error,
      });
    const fault = deadline.passed() ? deadline.error(undefined, error) : toLifeboatError(error);
    const problems = [`${fault.code}: ${fault.message}`];
    document = {
      database: database.name,
      id: null,
      ok: false,
      durationMs: now().getTime() - began.getTime(),
      checks: [],
      tested: [],
      problems,
    };
  }
  const ended = now();
  const report: Report = { ...document, at: ended.toISOString(), run, round, tool: context.tool };
  const problem = document.problems[0] ?? null;
  const error = new LifeboatError(
    'restore_test_failed',
    problem ?? '',
    'See the report; restore an older backup by hand, and make a full one now.',
  );
  const lost = await finishRun(context, database.name, {
    run,
    operation: 'restore-test',
    reason: 'schedule',
    startedAt: began.toISOString(),
    endedAt: report.at,
    ok: document.ok,
    durationMs: ended.getTime() - began.getTime(),
    steps: { restore: document.durationMs },
    ...(document.ok ? {} : { error: failureOf(error, ended) }),
  });
  for (const work of [
    () => writeReport(store, report),
    () =>
      updateState(context, database.name, (state) => ({
        ...state,
        lastRestoreTest: resultOf(report),
      })),
  ])
    await work().catch((fault: unknown) =>
      log(
        'ERROR',
        `the report of the restore test of ${database.name} could not be stored: ${toLifeboatError(fault).message}`,
        {
          event: 'record',
          database: database.name,
          cause: fault,
        },
      ),
    );
  const about = { database: database.name, timeZone: database.timeZone };
  if (lost.length > 0) await announce(context, about, lost.map(observedLost), { runId: run });
  await announce(context, about, observedSuccess(['run:restore-test'], { run, at: ended }), {
    runId: run,
  });
  return report;
}

async function writeReport(store: Store, report: Report): Promise<void> {
  const key = `${REPORTS}${report.database}/${stamp(new Date(report.at))}Z-${report.run.slice(-8)}.json`;
  const expires = new Date(Date.parse(report.at) + KEPT_DAYS * DAY);
  await store.create(key, Buffer.from(`${JSON.stringify(report, null, 1)}\n`), { expires });
}

function stamp(at: Date): string {
  return at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
}
