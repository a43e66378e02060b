import {
  cloudEvent,
  http,
  type CloudEvent,
  type Request,
  type Response,
} from '@google-cloud/functions-framework';
import type { App } from '../core/app/app.ts';
import type { Published } from './delivery.ts';
import type { Runtime } from './runtime.ts';
import { createCloudLog } from './cloud-log.ts';
import { logRequest } from './request-log.ts';
import { createRunning } from './running.ts';
import { leaveDomain } from './domain.ts';
import { bypassBodyParsersAlways } from './request-body.ts';
import { createPageBackups, type PageBackups } from './status/page-backups.ts';
import { traced, traceOf } from './trace.ts';

const { env } = process;
/** The time that a run needs to end itself before the platform ends it. */
const RESERVE_SECONDS = 20;
const deadlineSeconds = Number(
  env['LIFEBOAT_DEADLINE_SECONDS'] ??
    Number(env['CLOUD_RUN_TIMEOUT_SECONDS'] ?? 0) - RESERVE_SECONDS,
);
const project = env['GOOGLE_CLOUD_PROJECT'];
const { log, redaction } = createCloudLog({
  env,
  write: (line) => void process.stdout.write(line),
  trace: () => traceOf(project),
});

let currentApp: Promise<() => Promise<App>> | undefined;
async function openCurrentApp(): Promise<App> {
  currentApp ??= import('../core/app/current.ts').then(({ createCurrentApp }) =>
    createCurrentApp({
      cwd: process.cwd(),
      env,
      log,
      redaction,
      configuredOnly: true,
      notify: true,
    }),
  );
  return (await currentApp)();
}
const { signal, track, stop } = createRunning();
/** One configuration for the whole request, however often its handler asks for the app. */
function runtimeOfRequest(): Runtime {
  let app: Promise<App> | undefined;
  return {
    open: () => (app ??= openCurrentApp().then((each) => pageBackups?.counting(each) ?? each)),
    pageBackups,
    log,
    deadlineMs: deadlineSeconds > 0 ? deadlineSeconds * 1000 : undefined,
    signal,
    scheduler: env['LIFEBOAT_SCHEDULER_ACCOUNT'],
  };
}
let pageBackups: PageBackups | undefined;
/** Where one process serves everything, its status page may start backups. */
export function allowPageBackups(): void {
  pageBackups = createPageBackups();
}
/** What every request to `lifeboat serve` must carry; undefined: nothing. */
export const serveToken = env['LIFEBOAT_SERVE_TOKEN'];
/** Ends the running handlers, for a server that stops. */
export const stopHandlers = stop;

type OnEvent = (runtime: Runtime, event: CloudEvent<Published>) => Promise<void>;
type OnRequest = (runtime: Runtime, request: Request, response: Response) => Promise<void>;

// Each handler is loaded at its first request, so that a function loads only its own code.
function onEvent(name: string, load: () => Promise<OnEvent>): void {
  return cloudEvent(name, (event: CloudEvent<Published>) => {
    leaveDomain();
    const { traceparent } = event as { traceparent?: unknown };
    return traced(typeof traceparent === 'string' ? traceparent : undefined, () =>
      track(async () => (await load())(runtimeOfRequest(), event)),
    );
  });
}
function onRequest(name: string, load: () => Promise<OnRequest>): void {
  return http(name, (request, response) => {
    leaveDomain();
    return traced(request.get('traceparent') ?? request.get('x-cloud-trace-context'), () => {
      logRequest(log, request, response);
      return track(async () => (await load())(runtimeOfRequest(), request, response));
    });
  });
}

// The platform runs one function in each instance, and this is its name. Neither of these two needs
// a body that the framework has parsed.
if (['backup-now', 'status'].includes(env['FUNCTION_TARGET'] ?? '')) bypassBodyParsersAlways();

onEvent('backup', async () => (await import('./backup.ts')).backup);
onEvent('restore-test', async () => (await import('./restore-test.ts')).restoreTest);
onEvent('watch', async () => (await import('./watch.ts')).watch);
onRequest('backup-now', async () => (await import('./backup-now.ts')).backupNow);
onRequest('status', async () => (await import('./status.ts')).status);
