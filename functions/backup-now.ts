import type { Request, Response } from '@google-cloud/functions-framework';
import type { App } from '../core/app/app.ts';
import { LifeboatError, toLifeboatError } from '../core/lib/errors.ts';
import { readOrder, requireAllowed, type BackupOrder } from '../core/messages/messages.ts';
import { scheduledRequest } from '../core/schedule/slot.ts';
import { isCrossSite } from './cross-site.ts';
import { replyTo, scheduledReply, sendProblem, type RunReply } from './reply.ts';
import { readBody } from './request-body.ts';
import type { Runtime } from './runtime.ts';
import { scheduledTime } from './scheduled-call.ts';

/** Cloud Scheduler waits for 30 minutes; the run ends before, to answer and to record its end. */
const SCHEDULED_LIMIT_MS = 1_780_000;

/**
 * POST {"database": "shop"}: responds when the backup is verified, or with the reason for its
 * failure. A call by Cloud Scheduler (`run: http`) is the scheduled backup.
 */
export async function backupNow(
  runtime: Runtime,
  request: Request,
  response: Response,
): Promise<void> {
  const { open, deadlineMs, signal } = runtime;
  if (request.method !== 'POST') {
    response.set('allow', 'POST');
    return sendProblem(response, methodNotAllowed(), 405);
  }
  if (isCrossSite(request.headers)) return sendProblem(response, crossSite(), 403);
  const slot = scheduledTime(request.headers, runtime.scheduler, new Date());
  // A caller that hung up no longer waits for a verified backup; a schedule does not wait at all.
  // Cloud Run does not report the end of an HTTP/1.1 connection, so there the run goes on.
  const hungUp = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished && !slot) hungUp.abort();
  });
  let reply: RunReply | undefined;
  try {
    const order = readOrder(await readBody(request));
    const app = await open();
    requireOne(app, order);
    if (slot) requireScheduled(order);
    else requireAllowed(order, app.config.backupNow);
    const { database, kind, reason, accept, expectMigrations } = order;
    reply = slot ? scheduledReply(response) : replyTo(request, response, () => performance.now());
    const document = await app.backup(database, {
      kind,
      reason,
      accept,
      expectMigrations,
      signal: AbortSignal.any([hungUp.signal, signal]),
      onProgress: reply.progress,
      ...(slot ? scheduledRequest(database, slot) : callersKey(request)),
      deadlineMs: slot ? Math.min(deadlineMs ?? Infinity, SCHEDULED_LIMIT_MS) : deadlineMs,
    });
    reply.succeeded(document);
  } catch (cause) {
    const error = toLifeboatError(cause);
    if (reply) reply.failed(error);
    else sendProblem(response, error);
  }
}

function requireOne(app: App, { database }: BackupOrder): void {
  if (database === '*')
    throw new LifeboatError(
      'usage',
      'one request backs up one database',
      'Name the database. A Pub/Sub message with * backs up all databases.',
    );
  app.requireConfigured(database);
}

/** The schedule may do what its message may do, and nothing else. */
function requireScheduled({ reason, accept }: BackupOrder): void {
  if (reason !== 'schedule' || accept)
    throw new LifeboatError(
      'usage',
      'the body of a scheduled call has a reason other than schedule, or sets accept',
      'Apply the Terraform of the deployment: it writes this body.',
    );
}

function callersKey(request: Request): { key?: string; claim?: boolean } {
  const key = request.get('idempotency-key');
  return key === undefined ? {} : { key, claim: true };
}

function methodNotAllowed(): LifeboatError {
  return new LifeboatError('usage', 'method not allowed: use POST', 'Send the request with POST.');
}

function crossSite(): LifeboatError {
  return new LifeboatError(
    'usage',
    'a web page of another site sent this request',
    'Send the request from a program, such as `lifeboat trigger` or curl.',
  );
}
