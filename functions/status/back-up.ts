import type { Request, Response } from '@google-cloud/functions-framework';
import type { App } from '../../core/app/app.ts';
import { toLifeboatError } from '../../core/lib/errors.ts';
import { databasePath } from '../../core/status/page/parts/paths.ts';
import type { BackUpForm } from '../../core/status/page/parts/view.ts';
import type { Runtime } from '../runtime.ts';
import { requireOwnForm, type PageBackups } from './page-backups.ts';
import { baseOf, type Route } from './route.ts';
import { sendError } from './send-error.ts';

/** Only for a configured database: of another one, there is nothing to back up. */
export function backUpForm(
  { config }: App,
  route: Route,
  backups: PageBackups | undefined,
): BackUpForm | undefined {
  if (!backups || route.kind !== 'database' || !config.databases[route.name]) return undefined;
  return { token: backups.tokenOf(route.name), isRunning: backups.isRunning(route.name) };
}

/**
 * POST of the form: starts a backup and sends the browser back to the page. The run goes on, and
 * records, logs and announces its result like any other.
 */
export async function backUpFromPage(
  runtime: Runtime,
  backups: PageBackups,
  { name, request, response }: { name: string; request: Request; response: Response },
): Promise<void> {
  let app: App;
  try {
    app = await runtime.open();
    await requireOwnForm(backups, name, request, app.config.publicUrl);
    app.requireConfigured(name);
  } catch (cause) {
    return sendError(runtime, cause, request, response);
  }
  const wasRunning = backups.isRunning(name);
  const run = wasRunning
    ? undefined
    : app.backup(name, {
        kind: 'auto',
        reason: 'manual',
        signal: runtime.signal,
        deadlineMs: runtime.deadlineMs,
      });
  response.redirect(303, databasePath(baseOf(request.originalUrl, request.url), name));
  await run?.catch((cause: unknown) => {
    const { message, code, hint } = toLifeboatError(cause);
    const text = `the backup of ${name} that the status page started failed: ${message}`;
    runtime.log('ERROR', text, { event: 'status', code, hint });
  });
}
