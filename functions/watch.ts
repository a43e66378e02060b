import type { CloudEvent } from '@google-cloud/functions-framework';
import { handle, type Published } from './delivery.ts';
import type { Runtime } from './runtime.ts';

/**
 * A message of the topic `lifeboat-watch`: checks all databases. A finding sends an alert; it is
 * not a reason to redeliver the message.
 */
export function watch(
  { open, log, deadlineMs, signal }: Runtime,
  event: CloudEvent<Published>,
): Promise<void> {
  return handle(event, {
    log,
    requireConfigured: async (database) => (await open()).requireConfigured(database),
    work: async () => (await open()).watch({ deadlineMs, signal }),
  });
}
