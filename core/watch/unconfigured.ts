import { verified } from '../catalog/chain.ts';
import { mapConcurrent } from '../lib/async.ts';
import { ENGLISH, formatLasting } from '../lib/text/format.ts';
import type { Config } from '../config/load.ts';
import type { Context } from '../context.ts';
import type { Finding } from '../documents/finding.ts';
import { manifestKey, type Manifest } from '../format/manifest.ts';
import { listSummaries } from '../state/state.ts';
import { errorFinding, okFinding } from './finding.ts';
import { DAY_MS } from '../lib/text/time.ts';

type UnconfiguredFinding = Finding<'unconfigured' | 'store'>;

/** The backups of a database; `isHeld` says whether the backup with an id carries a hold. */
export type UnconfiguredBackups = {
  readonly name: string;
  readonly manifests: readonly Manifest[];
  readonly isHeld: (id: string) => boolean;
};

const UNCONFIGURED_READERS = 8;
/** How many of the last scheduled backups show the interval: enough for a weekend without any. */
const RECENT = 10;
/** The interval of a database with a single scheduled backup. */
const UNKNOWN_INTERVAL = 4 * DAY_MS;

/** Finds databases that a schedule backed up and that are no longer in the configuration. */
export async function watchUnconfigured(
  context: Context,
  { databases }: Config,
): Promise<UnconfiguredFinding[]> {
  try {
    const names = [...(await listSummaries(context)).keys()].filter(
      (name) => !Object.hasOwn(databases, name),
    );
    const findings = (
      await mapConcurrent(names, UNCONFIGURED_READERS, (name) =>
        watchUnconfiguredDatabase(context, name),
      )
    ).flat();
    return findings.length > 0
      ? findings
      : [okFinding('unconfigured', 'every database with backups is still configured')];
  } catch (error) {
    return [errorFinding('store', error)];
  }
}

/**
 * Other configurations may share the store, and a path may be backed up without one. So a database
 * is a fault only if a schedule backed it up, has not for twice its longest interval, and `lifeboat
 * retire` did not release its backups.
 */
export function judgeUnconfigured(
  { name, manifests, isHeld }: UnconfiguredBackups,
  now: Date,
): UnconfiguredFinding[] {
  const backups = verified(manifests);
  if (!backups.some(({ id }) => isHeld(id))) return [];
  const scheduled = backups
    .filter(({ reason }) => reason === 'schedule')
    .map(({ takenAt }) => Date.parse(takenAt));
  const last = scheduled.at(-1);
  if (last === undefined) return [];
  const age = now.getTime() - last;
  if (age <= Math.max(2 * DAY_MS, 2 * intervalOf(scheduled))) return [];
  return [
    {
      check: 'unconfigured',
      about: name,
      level: 'fault',
      detail: `${name} is no longer in lifeboat.yaml; its last scheduled backup was ${formatLasting(ENGLISH, age)} ago`,
      hint: `Add ${name} to lifeboat.yaml again, or let its backups expire: \`lifeboat retire ${name}\`.`,
    },
  ];
}

async function watchUnconfiguredDatabase(
  { catalog, now }: Context,
  name: string,
): Promise<UnconfiguredFinding[]> {
  try {
    const { manifests, objects } = await catalog.list(name);
    const isHeld = (id: string): boolean => objects.get(manifestKey(name, id))?.held === true;
    return judgeUnconfigured({ name, manifests, isHeld }, now());
  } catch (error) {
    return [errorFinding('store', error)];
  }
}

/** The longest time between two of the last scheduled backups, ms. */
function intervalOf(scheduled: readonly number[]): number {
  const intervals = scheduled
    .slice(-RECENT)
    .flatMap((each, index, all) => (index === 0 ? [] : [each - (all[index - 1] ?? each)]));
  return intervals.length === 0 ? UNKNOWN_INTERVAL : Math.max(...intervals);
}
