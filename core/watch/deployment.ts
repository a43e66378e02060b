import { mapConcurrent } from '../lib/async.ts';
import type { Config } from '../config/load.ts';
import { LifeboatError, toLifeboatError } from '../lib/errors.ts';
import { alarm, ok, type WatchCheck, type WatchVerdict } from './verdicts.ts';
import { scheduleVerdict } from './schedules.ts';
import { bucketVerdicts } from './catalog.ts';
import { isBucket } from '../store/store.ts';
import type { Context } from '../context.ts';
import { wantedJobs } from '../schedule/jobs.ts';
import { shortOf } from '../alerts/observations.ts';
import { roomOf } from '../space/room.ts';

const READERS = 8;

/** What cannot be looked at is an alarm of its own: nobody knows whether it is well. */
export function cannotSee(
  check: WatchCheck,
  error: unknown,
  database: string | null = null,
): WatchVerdict {
  const { code, message, hint } = toLifeboatError(error);
  return alarm(database, check, code, message, hint);
}

/** What the watch has to say of the store and the deployment. Throws nothing that a store or a service says. */
export async function watchStore(context: Context, config: Config): Promise<WatchVerdict[]> {
  const nothing = new LifeboatError(
    'config_invalid',
    'the configuration names no database, so nothing is watched',
    'Add them to lifeboat.yaml.',
  );
  return [
    ...(Object.keys(config.databases).length === 0 ? [cannotSee('missing', nothing)] : []),
    ...(await watchSpace(context)),
    ...(await watchBucket(context)),
    ...(await watchSchedules(context, config)),
  ];
}

async function watchSpace(context: Context): Promise<WatchVerdict[]> {
  const room = await roomOf(context);
  if (!room) return [];
  const short = shortOf(context.store.url, room);
  return [
    short
      ? alarm(null, 'space', 'low', short.message, short.hint)
      : ok(null, 'space', `more is free in ${context.store.url} than the reserve`),
  ];
}

async function watchBucket({ store }: Context): Promise<WatchVerdict[]> {
  if (!isBucket(store)) return [];
  try {
    return bucketVerdicts(await store.bucketFacts(), store.prefix);
  } catch (error) {
    return [cannotSee('bucket', error)];
  }
}

async function watchSchedules({ schedules }: Context, config: Config): Promise<WatchVerdict[]> {
  if (!schedules) return [];
  const failures: unknown[] = [];
  const verdicts = await mapConcurrent(
    wantedJobs(config, schedules.prefix),
    READERS,
    async (wanted) => {
      // One reason for all of them is told once, and the jobs that are left are not asked for.
      if (failures.length > 0) return [];
      try {
        return [scheduleVerdict(wanted, await schedules.job(wanted.name))];
      } catch (error) {
        failures.push(error);
        return [];
      }
    },
  );
  await schedules.close().catch(() => undefined);
  return [...(failures.length > 0 ? [cannotSee('schedule', failures[0])] : []), ...verdicts.flat()];
}
