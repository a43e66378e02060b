import type { CloudEvent } from '@google-cloud/functions-framework';
import { handle, type Published } from './delivery.ts';
import type { Runtime } from './runtime.ts';

/**
 * A message of the topic `lifeboat-restore-test`: tests one database, or publishes one message for
 * each (`*`).
 */
export function restoreTest(
  { open, log, deadlineMs, signal }: Runtime,
  event: CloudEvent<Published>,
): Promise<void> {
  return handle(event, {
    log,
    requireConfigured: async (database) => (await open()).requireConfigured(database),
    work: async ({ message, origin, fannedOut }) => {
      const app = await open();
      if (message.database === '*') return app.fanOut('restore-test', message, origin);
      return app.restoreTest(message.database, {
        round: fannedOut ? origin.id : undefined,
        deadlineMs,
        signal,
      });
    },
  });
}
