import { openApp } from '../core/app/open.ts';
import { toLifeboatError } from '../core/lib/errors.ts';
import { DEADLINE_MS, type Operation } from './plan.ts';

// One operation in a process of its own, so that a kill is a real one. The clock may be wrong.
export type Work = {
  readonly operation: Operation;
  readonly config: string;
  readonly folder: string;
  readonly endpoint: string | undefined;
  readonly offsetMs: number;
  /** The time of the request, which redeliveries share; ISO 8601. */
  readonly requestedAt: string;
};
export type Outcome = {
  readonly code: string | undefined;
  readonly message: string;
  readonly id?: string | undefined;
};

const work = JSON.parse(process.argv[2] ?? '') as Work;
const outcome = await perform(work).then(
  (id): Outcome => ({ code: undefined, message: '', id }),
  (thrown: unknown): Outcome => {
    const error = toLifeboatError(thrown);
    const stack = error.code === 'internal' && thrown instanceof Error ? `\n${thrown.stack}` : '';
    return { code: error.code, message: `${error.message}${stack}` };
  },
);
process.stdout.write(`${JSON.stringify(outcome)}\n`);

async function perform({ operation, config, folder, endpoint, offsetMs, requestedAt }: Work) {
  const app = await openApp({
    cwd: folder,
    configPath: config,
    configuredOnly: true,
    env: { TMPDIR: folder, ...(endpoint && { LIFEBOAT_GCS_ENDPOINT: endpoint }) },
    overrides: { now: () => new Date(Date.now() + offsetMs) },
  });
  const deadlineMs = DEADLINE_MS;
  if (operation.type === 'backup') {
    const { database, kind, key } = operation;
    const request = { kind, key, reason: 'schedule', requestedAt: new Date(requestedAt) };
    return (await app.backup(database, { ...request, deadlineMs })).id;
  }
  if (operation.type === 'verify') await app.verify(operation.database, { readData: true });
  if (operation.type === 'restore-test') await app.restoreTest(operation.database, { deadlineMs });
  if (operation.type === 'prune') await app.prune({ dryRun: false });
  if (operation.type === 'watch') await app.watch({ deadlineMs });
  return undefined;
}
