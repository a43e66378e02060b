import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { App } from '../core/app/app.ts';
import type { BackupDocument } from '../core/documents/backup.ts';
import { retry } from '../core/lib/async.ts';
import { toLifeboatError } from '../core/lib/errors.ts';
import { backupId } from '../core/runs/request.ts';
import { checkContent, rowsOf } from './database.ts';
import {
  DATABASES,
  DEADLINE_MS,
  type Database,
  type Job,
  type Operation,
  type RoundPlan,
} from './plan.ts';
import type { Random } from './random.ts';
import type { Outcome, Work } from './worker.ts';
import type { World } from './world.ts';

/** What earlier rounds say about later ones. */
export type Memory = {
  /** By id: the rows that the database had before the backup began, so the least it may hold. */
  readonly leastRows: Map<string, number>;
  /** By database: the most rows that a backup with a right clock must hold. */
  readonly newestRows: Map<Database, number>;
  /** Ids whose objects were damaged here. */
  readonly damaged: Set<string>;
};

export type Tally = {
  processes: number;
  killed: number;
  backups: number;
  failures: Map<string, number>;
  restores: number;
};

/** Far behind the deadline of a process, so that a slow machine is not a finding. */
const HANG_MS = 3 * DEADLINE_MS;
/** A run may end with these when its store fails, its process is killed or its clock is wrong. */
const EXPECTED: ReadonlySet<string> = new Set([
  'store_unreachable',
  'store_denied',
  'source_busy',
  'deadline',
  'interrupted',
  'restore_test_failed',
  'backup_damaged',
  'not_found',
  'stale',
]);

/** Runs the jobs of a round at once, then restores and checks every listed backup. Throws a finding. */
export async function runRound(
  world: World,
  plan: RoundPlan,
  memory: Memory,
  { random, tally }: { random: Random; tally: Tally },
): Promise<void> {
  world.nextDay();
  world.setFaults(plan.faults.perMille > 0 ? plan.faults : undefined);
  const requestedAt = new Date(Date.now() + world.offsetMs() + plan.clockMs).toISOString();
  const rows = new Map(DATABASES.map((each) => [each, rowsOf(world.pathOf(each))]));
  const ended = await Promise.all(
    plan.jobs.map((job) => runJob(world, job, { clockMs: plan.clockMs, requestedAt }, tally)),
  );
  world.setFaults(undefined);
  for (const [at, outcome] of ended.entries()) {
    const { operation } = plan.jobs[at] as Job;
    if (outcome?.code !== undefined && !isExpected(outcome.code, operation, world))
      throw new Error(
        `${JSON.stringify(operation)} ended with ${outcome.code}: ${outcome.message}`,
      );
    if (operation.type !== 'backup') continue;
    const least = rows.get(operation.database) ?? 0;
    memory.leastRows.set(backupId(new Date(requestedAt), operation.key), least);
    if (outcome?.id !== undefined && plan.clockMs === 0)
      memory.newestRows.set(operation.database, least);
  }
  world.requireWriters();
  await checkStore(world, memory, tally);
  if (plan.damage) await damageAndHeal(world, memory, { random, tally });
}

/** Only a folder can be pruned: a bucket deletes by its own rules, so there the command refuses. */
function isExpected(code: string, { type }: Operation, { endpoint }: World): boolean {
  return EXPECTED.has(code) || (code === 'usage' && type === 'prune' && endpoint !== undefined);
}

/** `undefined` for a process that was killed. */
async function runJob(
  { folder, config, endpoint, offsetMs }: World,
  { operation, delayMs, killAfterMs }: Job,
  { clockMs, requestedAt }: { clockMs: number; requestedAt: string },
  tally: Tally,
): Promise<Outcome | undefined> {
  await sleep(delayMs);
  const work: Work = {
    operation,
    config,
    endpoint,
    requestedAt,
    folder: join(folder, 'tmp'),
    offsetMs: offsetMs() + clockMs,
  };
  tally.processes += 1;
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, 'worker.ts'),
      JSON.stringify(work),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const kill =
    killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  let hangs = false;
  const hang = setTimeout(() => (hangs = child.kill('SIGKILL')), HANG_MS);
  const signal = await new Promise<NodeJS.Signals | null>((resolve) =>
    child.once('close', (_, by) => resolve(by)),
  );
  clearTimeout(kill);
  clearTimeout(hang);
  if (hangs) throw new Error(`${JSON.stringify(operation)} hangs`);
  if (output === '' && signal === 'SIGKILL' && killAfterMs !== undefined) {
    tally.killed += 1;
    return undefined;
  }
  const outcome = JSON.parse(output) as Outcome;
  if (outcome.id !== undefined) tally.backups += 1;
  if (outcome.code !== undefined)
    tally.failures.set(outcome.code, (tally.failures.get(outcome.code) ?? 0) + 1);
  return outcome;
}

/** Every listed backup restores, whole and no older than it may be; so does the latest. */
async function checkStore(world: World, memory: Memory, tally: Tally): Promise<void> {
  const app = await world.open();
  for (const database of DATABASES) {
    const backups = (await app.list(database)).filter(({ id }) => !isLost(id, memory));
    for (const each of backups) await checkBackup(app, world, each, memory);
    tally.restores += backups.length;
    const least = memory.newestRows.get(database);
    if (least === undefined) continue;
    const latest = await restored(app, world, database, 'latest').catch((thrown: unknown) => {
      // The newest one was damaged here: an older one is never given silently.
      if (toLifeboatError(thrown).code === 'backup_damaged' && memory.damaged.size > 0)
        return least;
      throw thrown;
    });
    if (latest < least)
      throw new Error(
        `the latest backup of ${database} has ${latest} rows, at least ${least} were backed up`,
      );
  }
}

async function checkBackup(
  app: App,
  world: World,
  { id, database }: BackupDocument,
  { leastRows }: Memory,
): Promise<void> {
  const rows = await restored(app, world, database as Database, id);
  const least = leastRows.get(id) ?? 0;
  const most = rowsOf(world.pathOf(database as Database));
  if (rows < least || rows > most)
    throw new Error(`${database}/${id} has ${rows} rows, not ${least} to ${most}`);
}

/** Restores, checks the SHA-256 and the content; the number of rows. */
async function restored(app: App, world: World, database: Database, at: string): Promise<number> {
  const to = join(world.folder, 'restored.sqlite3');
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${to}${suffix}`, { force: true });
  await app.restore(database, { at, to, force: false, salvage: false, dryRun: false });
  return checkContent(to);
}

function isLost(id: string, { damaged }: Memory): boolean {
  return damaged.has(id);
}

/** A bit flips in the store. `verify` finds it, and the next backup does not build on it. */
async function damageAndHeal(
  world: World,
  memory: Memory,
  { random, tally }: { random: Random; tally: Tally },
): Promise<void> {
  const name = await world.damage(random);
  if (name === undefined) return;
  const [, database = '', id = ''] = name.split('/');
  const app = await world.open();
  const { backups } = await app.verify(database, { readData: true });
  const damaged = backups.filter(({ ok }) => !ok).map((each) => each.id);
  const listed = (await app.list(database)).map((each) => each.id);
  if (listed.includes(id) && !damaged.includes(id))
    throw new Error(`verify did not find the flipped bit in ${name}`);
  for (const each of damaged) memory.damaged.add(each);
  const next = await retry(() => app.backup(database, { kind: 'auto', reason: 'schedule' }), {
    // The writer goes on, and a slow machine may find no moment between two of its transactions.
    pauseMs: (error, failures) =>
      toLifeboatError(error).code === 'source_busy' && failures < 10 ? 1000 : undefined,
  });
  memory.newestRows.set(database as Database, 0);
  memory.leastRows.set(next.id, 0);
  await checkBackup(app, world, next, memory);
  await checkStore(world, memory, tally);
}
