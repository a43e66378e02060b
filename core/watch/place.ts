import type { DatabaseConfig } from '../config/load.ts';
import type { Finding } from '../documents/finding.ts';
import type { RunRecord } from '../documents/run.ts';
import { ENGLISH, formatSize, formatTook } from '../lib/text/format.ts';
import type { BackupPlace } from '../schedule/places.ts';
import {
  memoryForFiles,
  NEAR_SHARE,
  placeUse,
  smallestPlace,
  type BackupLoad,
  type PlaceLimits,
  type PlaceUse,
} from '../space/place.ts';
import { successfulMs } from '../state/running-backup.ts';
import { okFinding } from './finding.ts';

const RECENT_RUNS = 10;
/** The most that a function can have. */
const MOST_MEMORY = 32 * 2 ** 30;
const PLACE_NAMES: Readonly<Record<BackupPlace, string>> = {
  function: 'the function backup',
  http: 'the function backup-now',
  job: 'a Cloud Run job',
};

/** The newest backup of a database, and its recent runs. */
export type PlacedDatabase = Pick<DatabaseConfig, 'name' | 'run' | 'schedule'> & {
  readonly size: number;
  readonly runs: readonly Pick<RunRecord, 'operation' | 'ok' | 'durationMs'>[];
};

/** Whether scheduled backups fit where they run. Nothing without a schedule or without limits. */
export function judgePlace(
  { name, run, schedule, size, runs }: PlacedDatabase,
  limits: PlaceLimits | undefined,
): Finding<'place'>[] {
  if (!limits || schedule === undefined) return [];
  const load: BackupLoad = { size, durationMs: longestOf(runs, 'backup') };
  const use = placeUse(run, load, limits);
  if (!use || run === 'job') return [okFinding('place', `backups run in ${PLACE_NAMES.job}`)];
  return [
    judgeBackup({ name, run, load, use }, limits),
    ...judgeRestoreTestTime(name, longestOf(runs, 'restore-test'), limits.restoreTestMs),
  ];
}

type PlacedBackup = {
  readonly name: string;
  readonly run: Exclude<BackupPlace, 'job'>;
  readonly load: BackupLoad;
  readonly use: PlaceUse;
};

function judgeBackup(
  { name, run, load, use }: PlacedBackup,
  limits: PlaceLimits,
): Finding<'place'> {
  const { size } = load;
  const { memory, ms } = limits[run];
  const percent = Math.round(use.share * 100);
  const detail =
    use.short === 'memory'
      ? `${formatSize(ENGLISH, size)} is ${percent} % of what fits into the memory of ${PLACE_NAMES[run]} (${formatSize(ENGLISH, memoryForFiles(memory))})`
      : `a backup took ${formatTook(ENGLISH, load.durationMs)}, ${percent} % of the time of ${PLACE_NAMES[run]} (${formatTook(ENGLISH, ms)})`;
  if (use.share <= NEAR_SHARE) return okFinding('place', detail);
  return {
    check: 'place',
    about: use.short,
    level: use.share > 1 ? 'fault' : 'warning',
    detail,
    hint: `Set \`run: ${smallestPlace(load, limits)}\` for ${name} in lifeboat.yaml and apply the Terraform of the deployment${use.short === 'memory' && size <= memoryForFiles(MOST_MEMORY) * NEAR_SHARE ? ', or raise `memory_mib` of the function' : ''}.`,
  };
}

/** A restore test takes place in a function for `function` and `http` alike. */
function judgeRestoreTestTime(name: string, longestMs: number, ms: number): Finding<'place'>[] {
  const share = longestMs / ms;
  if (share <= NEAR_SHARE) return [];
  return [
    {
      check: 'place',
      about: 'restore-test',
      level: 'warning',
      detail: `a restore test took ${formatTook(ENGLISH, longestMs)}, ${Math.round(share * 100)} % of the time of the function restore-test (${formatTook(ENGLISH, ms)})`,
      hint: `Set \`run: job\` for ${name} in lifeboat.yaml and apply the Terraform of the deployment: its restore tests become a job, too.`,
    },
  ];
}

/** Of the recent runs that succeeded: an incremental backup takes less than a full one. */
function longestOf(runs: PlacedDatabase['runs'], wanted: 'backup' | 'restore-test'): number {
  return Math.max(0, ...successfulMs(runs, wanted).slice(-RECENT_RUNS));
}
