import type { Config } from '../config/load.ts';
import type { Context } from '../context.ts';
import type { Finding, WatchFinding } from '../documents/finding.ts';
import { LifeboatError } from '../lib/errors.ts';
import { describeRoom, roomOf } from '../space/room.ts';
import { watchBucket } from './bucket.ts';
import { errorFinding, okFinding } from './finding.ts';
import { watchSchedules } from './schedules.ts';

/**
 * Checks what all databases share: configuration, free space, bucket and schedules. Never throws.
 */
export async function watchDeployment(context: Context, config: Config): Promise<WatchFinding[]> {
  return [
    ...judgeConfiguration(config),
    ...(await watchSpace(context)),
    ...(await watchBucket(context.store)),
    ...(await watchSchedules(context.schedules, config)),
  ];
}

function judgeConfiguration({ databases }: Config): Finding<'missing'>[] {
  if (Object.keys(databases).length > 0) return [];
  const error = new LifeboatError(
    'config_invalid',
    'lifeboat.yaml has no database, so there is nothing to watch',
    'Add your databases to lifeboat.yaml.',
  );
  return [errorFinding('missing', error)];
}

async function watchSpace(context: Context): Promise<Finding<'space'>[]> {
  const room = await roomOf(context);
  if (!room) return [];
  const { url } = context.store;
  const detail = describeRoom(room, url);
  if (room.free >= room.reserve) return [okFinding('space', detail)];
  const hint = `Free some space in ${url}, or give it more; space.reserve sets the limit.`;
  return [{ check: 'space', about: 'low', level: 'fault', detail, hint }];
}
