import { cloudEvent, http, type CloudEvent } from '@google-cloud/functions-framework';
import type { App } from '../core/app-types.ts';
import type { Published } from './delivery.ts';
import type { Door } from './door.ts';
import { createLog } from './log.ts';

const { env } = process;
/** What a run needs to end itself properly before the platform ends it. */
const RESERVE_SECONDS = 20;
const seconds = Number(env['LIFEBOAT_DEADLINE_SECONDS'] ?? Number(env['CLOUD_RUN_TIMEOUT_SECONDS'] ?? 0) - RESERVE_SECONDS);
const log = createLog((line) => void process.stdout.write(line));

let app: Promise<App> | undefined;
const open = (): Promise<App> => {
  app ??= import('../core/app.ts').then(({ openApp }) => openApp({ cwd: process.cwd(), env, log, configuredOnly: true, notify: true }));
  // What failed is tried again at the next request: the secret or the file may be there by then.
  app.catch(() => (app = undefined));
  return app;
};
const door: Door = { open, log, deadlineMs: seconds > 0 ? seconds * 1000 : undefined };

// Each handler is loaded at its first request: a function pays only for what it uses.
cloudEvent('backup', async (event: CloudEvent<Published>) => (await import('./backup.ts')).backup(door, event));
cloudEvent('restore-test', async (event: CloudEvent<Published>) => (await import('./restore-test.ts')).restoreTest(door, event));
cloudEvent('watch', async (event: CloudEvent<Published>) => (await import('./watch.ts')).watch(door, event));
http('backup-now', async (request, response) => (await import('./backup-now.ts')).backupNow(door, request, response));
http('status', async (request, response) => (await import('./status.ts')).status(door, request, response));
