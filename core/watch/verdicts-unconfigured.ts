import type { Manifest } from '../format/manifest.ts';
import { verified } from '../catalog/chain.ts';
import { alarm, type WatchVerdict } from './verdicts.ts';

const DAY = 86_400_000;
/** How many of the last scheduled backups tell the rhythm: enough for one that pauses at weekends. */
const RHYTHM = 10;
/** The rhythm of a database with a single scheduled backup. */
const UNKNOWN = 4 * DAY;

/**
 * Of a database that the configuration does not name. Other configurations may share the store, and a file may be backed up by its path: so it is an alarm
 * only where a schedule backed it up, has not for twice the time that it ever took, and the backups were not let go by `lifeboat retire`.
 * `isHeld` says whether a backup carries a hold.
 */
export function unconfiguredVerdict(
  name: string,
  manifests: readonly Manifest[],
  isHeld: (id: string) => boolean,
  now: Date,
): WatchVerdict[] {
  const backups = verified(manifests);
  if (!backups.some(({ id }) => isHeld(id))) return [];
  const taken = backups
    .filter(({ reason }) => reason === 'schedule')
    .map(({ takenAt }) => Date.parse(takenAt));
  const last = taken.at(-1);
  if (last === undefined) return [];
  const age = now.getTime() - last;
  if (age <= Math.max(2 * DAY, 2 * rhythmOf(taken))) return [];
  return [
    alarm(
      null,
      'unconfigured',
      name,
      `${name} was backed up by a schedule until ${(age / DAY).toFixed(1)} days ago, and the configuration does not name it`,
      `Name it in lifeboat.yaml again, or let its backups expire: \`lifeboat retire ${name}\`.`,
    ),
  ];
}

/** The longest time between two of the last scheduled backups, ms. */
function rhythmOf(taken: readonly number[]): number {
  const gaps = taken
    .slice(-RHYTHM)
    .flatMap((each, at, all) => (at === 0 ? [] : [each - (all[at - 1] ?? each)]));
  return gaps.length === 0 ? UNKNOWN : Math.max(...gaps);
}
