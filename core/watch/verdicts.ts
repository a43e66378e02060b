import type { Manifest } from '../format/manifest.ts';
import { verified } from '../catalog/chain.ts';
import { freshness, restoreTestOverdue, type RestoreTestSchedule } from '../schedule/freshness.ts';
import { nextRun } from '../schedule/cron.ts';

export const CHECKS = [
  'store',
  'late',
  'missing',
  'unconfigured',
  'runs',
  'inspection',
  'salvage',
  'restore-test',
  'holds',
  'objects',
  'copies',
  'schedule',
  'bucket',
  'space',
] as const;
export type WatchCheck = (typeof CHECKS)[number];

/** What the watch thinks of one thing. Alarms are told; warnings are logged. */
export type WatchVerdict = {
  /** `null`: it is about the store or the deployment, and so about every database. */
  readonly database: string | null;
  readonly check: WatchCheck;
  readonly result: 'ok' | 'alarm' | 'warning';
  /** What exactly it is about, the same from hour to hour: a job, a copy, a rule, a kind of fault. */
  readonly about: string;
  readonly detail: string;
  /** What to do; empty when all is well. */
  readonly hint: string;
};

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

type Subject = {
  readonly name: string;
  readonly schedule: string | undefined;
  readonly timeZone: string;
};

export function ok(
  database: string | null,
  check: WatchCheck,
  detail: string,
  about = '',
): WatchVerdict {
  return {
    database,
    check,
    result: 'ok',
    about,
    detail,
    hint: '',
  };
}

export function alarm(
  database: string | null,
  check: WatchCheck,
  about: string,
  detail: string,
  hint: string,
): WatchVerdict {
  return {
    database,
    check,
    result: 'alarm',
    about,
    detail,
    hint,
  };
}

/** Whether the newest verified backup is there, and as new as the schedule and the grace ask for. */
export function freshVerdict(
  { name, schedule, timeZone }: Subject,
  manifests: readonly Manifest[],
  now: Date,
  graceMs: number,
): WatchVerdict {
  const newest = verified(manifests).at(-1);
  if (!newest)
    return alarm(
      name,
      'missing',
      'missing',
      'there is no verified backup at all',
      `Run \`lifeboat backup ${name}\` now. If there were backups, look for who deleted them: in a bucket soft delete keeps them for seven days.`,
    );
  const taken = new Date(newest.takenAt);
  const age = hours(now.getTime() - taken.getTime());
  if (freshness({ schedule, timeZone, graceMs }, taken, now).fresh)
    return ok(name, 'late', `the newest backup is ${age} old`);
  const due = nextRun(schedule ?? '', timeZone, taken);
  return alarm(
    name,
    'late',
    'late',
    `the newest backup is ${age} old, and one was due at ${due?.toISOString() ?? 'another time'}`,
    `Run \`lifeboat backup ${name}\` now, and see why the schedule did not: whether it is paused, and what the log of that time says.`,
  );
}

/** Whether the newest backup was judged to its end. */
export function inspectionVerdict(name: string, manifests: readonly Manifest[]): WatchVerdict[] {
  const newest = verified(manifests).at(-1);
  if (!newest) return [];
  if (newest.inspection.verdict === 'ok')
    return [ok(name, 'inspection', `the verdict of ${newest.id} is ok`)];
  const open = newest.inspection.checks.filter(({ result }) => result === 'inconclusive');
  return [
    alarm(
      name,
      'inspection',
      'inconclusive',
      `${newest.id} could not be judged: ${open.map(({ name: check, detail }) => (detail ? `${check}: ${detail}` : check)).join('; ')}`,
      'Give the inspection more time (inspection.timeout) or memory, so that the next backup is judged to its end; `lifeboat restore-test` looks at this one.',
    ),
  ];
}

/** A database that fails its inspection every night leaves salvage copies, and no backups. */
export function salvageVerdict(name: string, manifests: readonly Manifest[]): WatchVerdict[] {
  const newest = verified(manifests).at(-1);
  const newer = manifests.filter(
    ({ salvage, takenAt }) => salvage && (!newest || takenAt > newest.takenAt),
  );
  if (newer.length === 0)
    return [ok(name, 'salvage', 'no salvage copy is newer than the newest backup')];
  return [
    alarm(
      name,
      'salvage',
      'salvage',
      `${newer.length} salvage ${newer.length === 1 ? 'copy is' : 'copies are'} newer than the newest backup: the database fails its inspection`,
      `See \`lifeboat list ${name} --all\` for what failed; repair the database, or restore the newest backup over it.`,
    ),
  ];
}

/** Whether the last restore test passed, and is not older than its schedule and three days. */
export function restoreTestVerdict(
  name: string,
  manifests: readonly Manifest[],
  facts: RestoreTestSchedule,
  now: Date,
): WatchVerdict[] {
  const { schedule, last } = facts;
  if (last && !last.ok)
    return [
      alarm(
        name,
        'restore-test',
        'failed',
        `the restore test of ${last.at} failed: ${last.problem ?? 'see its report'}`,
        `Make a full backup now (\`lifeboat backup ${name} --kind full\`), then run \`lifeboat restore-test ${name}\`.`,
      ),
    ];
  if (schedule === false)
    return last ? [ok(name, 'restore-test', `the restore test of ${last.at} passed`)] : [];
  const oldest = verified(manifests)[0]?.takenAt;
  if (!last && oldest === undefined) return [];
  const due = restoreTestOverdue(facts, oldest, now);
  if (due)
    return [
      alarm(
        name,
        'restore-test',
        'overdue',
        last
          ? `the last restore test was at ${last.at}, and one was due at ${due.toISOString()}`
          : `no restore test was ever made, and one was due at ${due.toISOString()}`,
        `Run \`lifeboat restore-test ${name}\`, and see why the schedule did not: whether it is paused, and what the log of that time says.`,
      ),
    ];
  return [
    ok(
      name,
      'restore-test',
      last ? `the restore test of ${last.at} passed` : 'the first restore test is not due yet',
    ),
  ];
}

function hours(ms: number): string {
  return ms < 72 * HOUR ? `${(ms / HOUR).toFixed(1)} hours` : `${(ms / DAY).toFixed(1)} days`;
}
