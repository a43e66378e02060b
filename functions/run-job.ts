import type { App } from '../core/app/app.ts';
import { REASONS } from '../core/config/values.ts';
import { LifeboatError, toLifeboatError } from '../core/lib/errors.ts';
import type { Log } from '../core/lib/log/log.ts';
import { requireAllowed } from '../core/messages/messages.ts';

type BackupReason = (typeof REASONS)[number];

export type JobRuntime = {
  readonly open: () => Promise<App>;
  readonly log: Log;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How long a run may take, ms, so that it ends itself before the platform ends it. */
  readonly deadlineMs: number | undefined;
  /** Aborts when the platform ends the job. */
  readonly signal: AbortSignal;
};

/**
 * Runs one scheduled backup or restore test (`run: job`), as `backup shop` names it, and returns
 * the exit status. The platform starts a task again that did not exit with 0, also after its machine
 * died: the attempts of one execution are one request, and so are two executions for the same time
 * of the schedule. With `LIFEBOAT_REASON`, which a person sets for one execution, the backup is a
 * new one at any time.
 */
export async function runJob(runtime: JobRuntime, args: readonly string[]): Promise<number> {
  const [operation = '', database = ''] = args;
  let hasStarted = false;
  try {
    const app = await runtime.open();
    requireJob(app, operation, database);
    requireReason(app, runtime.env);
    hasStarted = true;
    if (operation === 'backup') await startBackup(app, runtime, database);
    else await startRestoreTest(app, runtime, database);
    return 0;
  } catch (cause) {
    // A run has logged and announced its own failure, but what fails before it starts has no run.
    const { code, exit, hint, message } = toLifeboatError(cause);
    const what = hasStarted ? `ends with status ${exit}` : 'did not start';
    const facts = { event: 'job', database, code, hint, cause } as const;
    runtime.log('ERROR', `the job ${what}: ${message}`, facts);
    return exit;
  }
}

async function startBackup(
  app: App,
  { env, ...runtime }: JobRuntime,
  database: string,
): Promise<void> {
  const { deadlineMs, signal } = runtime;
  const execution = env['CLOUD_RUN_EXECUTION'];
  const reason = reasonIn(env);
  await app.backup(database, {
    kind: 'auto',
    reason: reason ?? 'schedule',
    scheduled: reason === undefined,
    retried: Number(env['CLOUD_RUN_TASK_ATTEMPT'] ?? 0) > 0,
    ...(execution === undefined ? {} : { key: execution, claim: true }),
    deadlineMs,
    signal,
  });
}

async function startRestoreTest(
  app: App,
  { deadlineMs, signal }: JobRuntime,
  database: string,
): Promise<void> {
  const { databases } = await app.restoreTest(database, { deadlineMs, signal });
  const failure = databases.find(({ ok }) => !ok);
  if (failure)
    throw new LifeboatError(
      'restore_test_failed',
      `the restore test of ${database} failed`,
      `Run \`lifeboat status ${database}\` to see the report.`,
    );
}

function requireJob(app: App, operation: string, database: string): void {
  if (!['backup', 'restore-test'].includes(operation) || database === '*')
    throw new LifeboatError(
      'usage',
      `a job runs \`backup\` or \`restore-test\` of one database, not \`${operation} ${database}\``,
      'Apply the Terraform of the deployment: it writes the arguments of the job.',
    );
  app.requireConfigured(database);
}

/** What a person may ask for is what a request to `backup-now` may. */
function requireReason(app: App, env: JobRuntime['env']): void {
  const reason = reasonIn(env);
  if (reason !== undefined) requireAllowed({ reason, accept: false }, app.config.backupNow);
}

/** The reason that a person gave this execution; `undefined` when the schedule started it. */
function reasonIn({ LIFEBOAT_REASON: text }: JobRuntime['env']): BackupReason | undefined {
  if (text === undefined || text === '') return undefined;
  const reason = REASONS.find((each) => each === text);
  if (reason) return reason;
  throw new LifeboatError(
    'usage',
    `LIFEBOAT_REASON is ${text}, which is not a reason`,
    `Use one of ${REASONS.join(', ')}.`,
  );
}
