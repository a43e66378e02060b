import { verified } from '../catalog/chain.ts';
import type { Config, DatabaseConfig } from '../config/load.ts';
import type { Context } from '../context.ts';
import type { Finding, WatchFinding } from '../documents/finding.ts';
import type { RunStart } from '../documents/run.ts';
import type { Manifest } from '../format/manifest.ts';
import { ENGLISH, formatRelative, formatTime } from '../lib/text/format.ts';
import { nextRun } from '../schedule/cron.ts';
import { freshness, restoreTestOverdue, type RunningBackup } from '../schedule/freshness.ts';
import { isLost, isRunning } from '../state/lost-runs.ts';
import { openRuns } from '../state/records.ts';
import { runningBackup } from '../state/running-backup.ts';
import { readSummary, rebuildState, type State } from '../state/state.ts';
import type { Listing } from '../catalog/listing.ts';
import { countedOf } from '../catalog/soundness.ts';
import { judgeClock, judgeHolds, judgeObjects } from './catalog.ts';
import { judgeKey } from './key.ts';
import { judgePlace } from './place.ts';
import { watchCopies } from './copies.ts';
import { okFinding } from './finding.ts';
import { MINUTE_MS } from '../lib/text/time.ts';

export type WatchedDatabase = {
  readonly findings: readonly WatchFinding[];
  /** Runs that started and never ended. */
  readonly lost: readonly RunStart[];
};

type FreshnessFinding = Finding<'late' | 'missing'>;

const JUST_NOW_MS = MINUTE_MS;

/** Checks one database. Writes nothing. Throws what the store throws. */
export async function watchDatabase(
  context: Context,
  config: Config,
  database: DatabaseConfig,
): Promise<WatchedDatabase> {
  const { catalog, store } = context;
  const { name } = database;
  // The runs before the catalog: a run that ends in between has already updated the catalog.
  const open = await openRuns(store, name);
  const listing = await catalog.list(name);
  const now = context.now();
  const lostRuns = open.filter((run) => isLost(run, now));
  const busy = open.some((run) => run.operation === 'backup' && isRunning(run, now));
  const state = (await readSummary(context, name)) ?? (await rebuildState(context, name));
  const damaged = listing.damaged.map(({ id, error }) => ({ id, message: error.message }));
  const facts = { ...listing, name, busy, damaged };
  // Damaged backups and those from the future do not count.
  const manifests = countedOf(listing);
  const copies = await watchCopies(context.copies, { name, listing, busy });
  const running = runningBackup(open, state.runs, now);
  const findings = [
    ...unlessExplained(listing, judgeFreshness(database, manifests, { now, config, running })),
    ...judgeRuns(lostRuns, database.timeZone),
    ...judgeInspection(manifests),
    ...judgeSalvage(name, manifests),
    ...judgeRestoreTest(
      { name, manifests, timeZone: database.timeZone, last: state.lastRestoreTest },
      { now, config },
    ),
    ...backupPlaceFindings(context, database, { manifests, state }),
    ...judgeKey(listing.manifests, context.keys, config),
    ...judgeClock(facts),
    ...judgeHolds(facts),
    ...judgeObjects(facts),
    ...copies,
  ];
  return { lost: lostRuns, findings: findings.map((finding) => ({ ...finding, database: name })) };
}

function backupPlaceFindings(
  { places }: Context,
  { name, run, schedule }: DatabaseConfig,
  { manifests, state }: { manifests: readonly Manifest[]; state: State },
): Finding<'place'>[] {
  const newest = verified(manifests).at(-1);
  if (!newest) return [];
  return judgePlace({ name, run, schedule, size: newest.size, runs: state.runs }, places);
}

/** When no backup counts, the finding about objects or the clock says why, and is enough. */
function unlessExplained(listing: Listing, finding: FreshnessFinding): FreshnessFinding[] {
  return finding.check === 'missing' && verified(listing.manifests).length > 0 ? [] : [finding];
}

/** Whether there is a verified backup, as recent as the schedule and the grace require. */
export function judgeFreshness(
  { name, schedule, timeZone }: Pick<DatabaseConfig, 'name' | 'schedule' | 'timeZone'>,
  manifests: readonly Manifest[],
  {
    now,
    config,
    running,
  }: { now: Date; config: Pick<Config, 'watch'>; running?: RunningBackup | undefined },
): FreshnessFinding {
  const newest = verified(manifests).at(-1);
  if (!newest)
    return {
      check: 'missing',
      about: 'missing',
      level: 'fault',
      detail: 'there is no verified backup',
      hint: `Run \`lifeboat backup ${name}\` now. If there were backups, find out who deleted them: soft delete of a bucket keeps them for 7 days.`,
    };
  const takenAt = new Date(newest.takenAt);
  const age = now.getTime() - takenAt.getTime();
  const detail = `newest backup: ${Math.abs(age) < JUST_NOW_MS ? 'just now' : formatRelative(ENGLISH, -age)}`;
  const { graceMs } = config.watch;
  if (freshness({ schedule, timeZone, graceMs }, takenAt, now, running).fresh)
    return okFinding('late', running ? `${detail}; another one is in progress` : detail);
  const due = nextRun(schedule ?? '', timeZone, takenAt)?.toISOString() ?? '';
  return {
    check: 'late',
    about: 'late',
    level: 'fault',
    detail: `${detail}; the next one was due on ${formatTime(ENGLISH, due, timeZone)}`,
    hint: `Run \`lifeboat backup ${name}\` now, then check whether the schedule is paused and read the log of that time.`,
  };
}

/** Whether the newest backup could be checked completely. */
export function judgeInspection(manifests: readonly Manifest[]): Finding<'inspection'>[] {
  const newest = verified(manifests).at(-1);
  if (!newest) return [];
  if (newest.inspection.verdict === 'ok')
    return [okFinding('inspection', `${newest.id} passed its inspection`)];
  const inconclusive = newest.inspection.checks
    .filter(({ result }) => result === 'inconclusive')
    .map(({ name, detail }) => (detail ? `${name}: ${detail}` : name));
  return [
    {
      check: 'inspection',
      about: 'inconclusive',
      level: 'fault',
      detail: `${newest.id} could only be partly checked: ${inconclusive.join('; ')}`,
      hint: 'Give the inspection more time (inspection.timeout) or memory, so that the next backup is checked completely; `lifeboat restore-test` checks this one.',
    },
  ];
}

/** A database that fails every inspection leaves salvage copies instead of backups. */
export function judgeSalvage(name: string, manifests: readonly Manifest[]): Finding<'salvage'>[] {
  const newest = verified(manifests).at(-1);
  const newer = manifests.filter(
    ({ salvage, takenAt }) => salvage && (!newest || takenAt > newest.takenAt),
  );
  if (newer.length === 0)
    return [okFinding('salvage', 'no salvage copy is newer than the newest backup')];
  const copies = `${newer.length} salvage ${newer.length === 1 ? 'copy is' : 'copies are'}`;
  return [
    {
      check: 'salvage',
      about: 'salvage',
      level: 'fault',
      detail: `${copies} newer than the newest backup: the database fails its inspection`,
      hint: `Run \`lifeboat list ${name} --all\` to see what failed, then repair the database or restore the newest backup.`,
    },
  ];
}

type RestoreTestPlan = Pick<Config['restoreTest'], 'schedule' | 'timeZone'>;

export type RestoreTests = {
  readonly name: string;
  readonly manifests: readonly Manifest[];
  readonly timeZone: string;
  readonly last: State['lastRestoreTest'];
};

/** Whether the last restore test passed, and the next one is not more than three days overdue. */
export function judgeRestoreTest(
  { name, manifests, timeZone, last }: RestoreTests,
  { now, config }: { now: Date; config: { restoreTest: RestoreTestPlan } },
): Finding<'restore-test'>[] {
  const timeText = (at: string): string => formatTime(ENGLISH, at, timeZone);
  if (last && !last.ok)
    return [
      {
        check: 'restore-test',
        about: 'failed',
        level: 'fault',
        detail: `the restore test on ${timeText(last.at)} failed: ${last.problem ?? 'see its report'}`,
        hint: `Make a full backup now (\`lifeboat backup ${name} --kind full\`), then run \`lifeboat restore-test ${name}\`.`,
      },
    ];
  const passedTest =
    last && okFinding('restore-test', `the restore test on ${timeText(last.at)} passed`);
  if (config.restoreTest.schedule === false) return passedTest ? [passedTest] : [];
  const oldest = verified(manifests)[0]?.takenAt;
  if (!last && oldest === undefined) return [];
  const due = restoreTestOverdue({ ...config.restoreTest, last }, oldest, now);
  if (!due)
    return [passedTest ?? okFinding('restore-test', 'the first restore test is not due yet')];
  const before = last
    ? `the last restore test was on ${timeText(last.at)}`
    : 'no restore test ran yet';
  return [
    {
      check: 'restore-test',
      about: 'overdue',
      level: 'fault',
      detail: `${before}; one was due on ${timeText(due.toISOString())}`,
      hint: `Run \`lifeboat restore-test ${name}\`, then check whether the schedule is paused and read the log of that time.`,
    },
  ];
}

function judgeRuns(lost: readonly RunStart[], timeZone: string): Finding<'runs'>[] {
  if (lost.length === 0) return [okFinding('runs', 'every run ended')];
  return lost.map(({ run, operation, startedAt }) => ({
    check: 'runs',
    about: run,
    level: 'fault',
    detail: `the ${operation} ${run} started on ${formatTime(ENGLISH, startedAt, timeZone)} and never ended`,
    hint: 'The run was killed, or ran out of memory or time. Read the log of that time, raise the limit that it hit, and start the run again.',
  }));
}
