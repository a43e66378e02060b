import type { DatabaseConfig } from '../config/load.ts';
import type { Context } from '../context.ts';
import type { RestoreTestDocument } from '../documents/restore.ts';
import type { RestoreTestSummary } from '../documents/run.ts';
import { observedSuccess } from '../alerts/observations.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { boundContext } from '../runs/deadline.ts';
import { recordedRun, type Run, type RunEnd } from '../runs/run.ts';
import { updateState } from '../state/state.ts';
import type { Store } from '../store/store.ts';
import { testRestore } from './restore-test.ts';
import { compactTime, DAY_MS } from '../lib/text/time.ts';

const KEPT_DAYS = 400;
export const REPORTS = 'reports/restore-tests/';

export type Settings = {
  readonly older: number;
  readonly graceMs: number;
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
};
/**
 * The stored report of one test. `round` is the id of the message that requested a test of all
 * databases.
 */
export type Report = RestoreTestDocument & {
  readonly at: string;
  readonly run: string;
  readonly round: string;
  readonly tool: string;
};

/**
 * Tests one database as a run, and stores its report. Throws only when it was interrupted, and then
 * leaves no report.
 */
export async function runRestoreTest(
  context: Context,
  database: DatabaseConfig,
  round: string,
  settings: Settings,
): Promise<Report> {
  const { older, graceMs, deadlineMs, signal } = settings;
  const failureEnd = (run: Run, error: LifeboatError): RunEnd<Report> => {
    // Nothing is known about the backups, so there is no report; the record has the interruption.
    if (signal?.aborted) return { error, observations: () => [] };
    return endOf(run, round, failedDocument(run, database.name, error));
  };
  return recordedRun(
    context,
    {
      operation: 'restore-test',
      database,
      reason: 'schedule',
      key: `${round} ${database.name}`,
      deadlineMs,
      signal,
      hint: `Run \`lifeboat restore-test ${database.name}\` again.`,
      failureEnd,
    },
    async (run) => {
      await run.start();
      const bound = boundContext(run.context, run.signal);
      const document = await testRestore(bound, database, { older, graceMs, signal: run.signal });
      return endOf(run, round, document);
    },
  );
}

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

function endOf(run: Run, round: string, document: RestoreTestDocument): RunEnd<Report> {
  const { name, context } = run;
  const endedAt = context.now();
  const result = { ...document, at: endedAt.toISOString(), run: name, round, tool: context.tool };
  const hint = 'See the report; restore an older backup by hand, and make a full one now.';
  const [problem = ''] = document.problems;
  return {
    result,
    error: document.ok ? undefined : new LifeboatError('restore_test_failed', problem, hint),
    recorded: true,
    steps: { restore: document.durationMs },
    endedAt,
    report: () => storeReport(context, result),
    observations: (moment) => observedSuccess(['run:restore-test'], moment),
  };
}

function failedDocument(
  run: Run,
  database: string,
  { code, message }: LifeboatError,
): RestoreTestDocument {
  return {
    database,
    id: null,
    ok: false,
    durationMs: run.durationMs(),
    checks: [],
    tested: [],
    problems: [`${code}: ${message}`],
  };
}

/** In the store and in the summary, each by itself: a store that refuses one may take the other. */
async function storeReport(context: Context, report: Report): Promise<void> {
  const { store, log } = context;
  const { database } = report;
  const lastRestoreTest = resultOf(report);
  const parts = [
    () => writeReport(store, report),
    () => updateState(context, database, (state) => ({ ...state, lastRestoreTest })),
  ];
  for (const part of parts)
    await part().catch((cause: unknown) => {
      const { message } = toLifeboatError(cause);
      const text = `the report of the restore test of ${database} could not be stored: ${message}`;
      log('ERROR', text, { event: 'record', database, cause });
    });
}

async function writeReport(store: Store, report: Report): Promise<void> {
  const key = `${REPORTS}${report.database}/${compactTime(new Date(report.at))}-${report.run.slice(-8)}.json`;
  const expires = new Date(Date.parse(report.at) + KEPT_DAYS * DAY_MS);
  await store.create(key, Buffer.from(`${JSON.stringify(report, null, 1)}\n`), { expires });
}
