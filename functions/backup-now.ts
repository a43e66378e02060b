import type { Request, Response } from '@google-cloud/functions-framework';
import { LifeboatError, toLifeboatError } from '../core/lib/errors.ts';
import { readOrder, requireAllowed } from '../core/messages/messages.ts';
import { isCrossSite } from './cross-site.ts';
import { replyTo, sendProblem, type RunReply } from './reply.ts';
import { readBody } from './request-body.ts';
import type { Runtime } from './runtime.ts';

/**
 * POST {"database": "shop"}: responds when the backup is verified, or with the reason for its
 * failure.
 */
export async function backupNow(
  { open, deadlineMs, signal }: Runtime,
  request: Request,
  response: Response,
): Promise<void> {
  if (request.method !== 'POST') {
    response.set('allow', 'POST');
    return sendProblem(response, methodNotAllowed(), 405);
  }
  if (isCrossSite(request.headers)) return sendProblem(response, crossSite(), 403);
  // A caller that hung up no longer waits for a verified backup.
  const hungUp = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) hungUp.abort();
  });
  let reply: RunReply | undefined;
  try {
    const order = readOrder(await readBody(request));
    const { database, kind, reason, accept, expectMigrations } = order;
    if (database === '*')
      throw new LifeboatError(
        'usage',
        'one request backs up one database',
        'Name the database; a Pub/Sub message with * backs up all.',
      );
    const app = await open();
    app.requireConfigured(database);
    requireAllowed(order, app.config.backupNow);
    const key = request.get('idempotency-key');
    reply = replyTo(request, response, () => performance.now());
    const document = await app.backup(database, {
      kind,
      reason,
      accept,
      expectMigrations,
      signal: AbortSignal.any([hungUp.signal, signal]),
      onProgress: reply.progress,
      ...(key === undefined ? {} : { key, claim: true }),
      deadlineMs,
    });
    reply.succeeded(document);
  } catch (cause) {
    const error = toLifeboatError(cause);
    if (reply) reply.failed(error);
    else sendProblem(response, error);
  }
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
