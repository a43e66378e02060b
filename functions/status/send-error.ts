import type { Request, Response } from '@google-cloud/functions-framework';
import { toLifeboatError, type LifeboatError } from '../../core/lib/errors.ts';
import type { PageError } from '../../core/status/page/error.ts';
import { sendProblem } from '../reply.ts';
import type { Runtime } from '../runtime.ts';
import { errorPageOf } from './pages.ts';
import { respond } from './respond.ts';
import { baseOf, databaseOf, type Format } from './route.ts';

/** Answers with a problem document, or a page for a browser. */
export async function sendError(
  { open, log }: Runtime,
  cause: unknown,
  request: Request,
  response: Response,
): Promise<void> {
  const error = toLifeboatError(cause);
  if (error.http >= 500)
    log('ERROR', `status failed: ${error.message}`, {
      event: 'status',
      code: error.code,
      hint: error.hint,
      cause,
    });
  if (preferredBy(request) === 'json' || request.query['format'] === 'json')
    return sendProblem(response, error, isRefusedForm(error, request) ? 403 : error.http);
  const config = await open().then(
    (app) => app.config,
    () => undefined,
  );
  const { locale = 'en', store = '', timeZone = 'UTC' } = config ?? {};
  await respond(
    request,
    response,
    errorPageOf(pageErrorOf(error, request), {
      locale,
      store,
      timeZone,
      base: baseOf(request.originalUrl, request.url),
    }),
    isRefusedForm(error, request) ? 403 : error.http,
  );
}

function isRefusedForm({ code }: LifeboatError, { method }: Request): boolean {
  return method === 'POST' && code === 'usage';
}

function pageErrorOf(error: LifeboatError, request: Request): PageError {
  const { code, message, hint } = error;
  return {
    code,
    message,
    hint,
    database: code === 'not_found' ? databaseOf(request.url) : undefined,
    isRefusedForm: isRefusedForm(error, request),
  };
}

/** A client that accepts anything, as curl does, is a program and gets JSON. */
export function preferredBy(request: Request): Format {
  return request.accepts(['json', 'html']) === 'html' ? 'html' : 'json';
}
