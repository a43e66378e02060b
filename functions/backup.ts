import type { CloudEvent } from '@google-cloud/functions-framework';
import { handle, type Published } from './delivery.ts';
import type { Runtime } from './runtime.ts';

/**
 * A message of the topic `lifeboat-backup`: backs up one database, or publishes one message for
 * each (`*`).
 */
export function backup(
  { open, log, deadlineMs, signal }: Runtime,
  event: CloudEvent<Published>,
): Promise<void> {
  return handle(event, {
    log,
    requireConfigured: async (database) => (await open()).requireConfigured(database),
    work: async ({ message, origin, fannedOut }) => {
      const app = await open();
      const { database, kind, reason } = message;
      if (database === '*') return app.fanOut('backup', message, origin);
      const key = fannedOut ? `${origin.id} ${database}` : origin.id;
      return app.backup(database, {
        kind,
        reason,
        key,
        requestedAt: origin.at,
        deadlineMs,
        signal,
      });
    },
  });
}
