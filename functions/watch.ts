import type { CloudEvent } from '@google-cloud/functions-framework';
import { handle, type Published } from './delivery.ts';
import type { Door } from './door.ts';

/** A message of the topic `lifeboat-watch`: looks at everything, whatever database it names. Alarms are told, and are no reason to come again. */
export function watch(
  { open, log, deadlineMs }: Door,
  event: CloudEvent<Published>,
): Promise<void> {
  return handle(
    log,
    event,
    async (database) => (await open()).requireConfigured(database),
    async () => (await open()).watch(deadlineMs === undefined ? {} : { deadlineMs }),
  );
}
