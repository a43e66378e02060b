import type { Request, Response } from '@google-cloud/functions-framework';
import type { App } from '../core/app/app.ts';
import { LifeboatError, toLifeboatError } from '../core/lib/errors.ts';
import { METRICS_TYPE, renderMetrics } from '../core/status/metrics.ts';
import { timeout } from '../core/lib/async.ts';
import type { DetailDocument, StatusDocument } from '../core/documents/status.ts';
import { problem } from './answer.ts';
import type { Door } from './door.ts';
import { errorPageOf, pageOf } from './status/pages.ts';
import { etagOf, JSON_TYPE, respond, setHeaders, type Answer } from './status/respond.ts';
import { baseOf, refreshOf, routeOf, type Format, type Route } from './status/route.ts';

const PATIENCE_MS = 20_000;
const SUMMARIES = { fromSummaries: true };

/** GET: the state of every database, or everything about one, as a page, JSON or metrics. */
export async function status(door: Door, request: Request, response: Response): Promise<void> {
  setHeaders(response);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.set('allow', 'GET, HEAD');
    return problem(
      response,
      new LifeboatError('usage', `${request.method} is not for asking`, 'Use GET.'),
      405,
    );
  }
  try {
    const route = routeOf(request.url, preferredBy(request));
    const refresh = refreshOf(request.url);
    // Before anything can go wrong: a wall that shows an error is to get over it by itself.
    if (refresh !== undefined && preferredBy(request) === 'html')
      response.set('refresh', String(refresh));
    if (route.kind === 'health')
      return respond(request, response, { body: () => '{"ok":true}\n', type: JSON_TYPE });
    const base = baseOf(request.originalUrl, request.url);
    const answer = door.open().then((app) => answerTo(app, route, base));
    const patience = Math.min(PATIENCE_MS, door.deadlineMs ?? PATIENCE_MS);
    respond(
      request,
      response,
      await timeout(() => answer, { ms: patience, error: () => silent(patience) }),
    );
  } catch (cause) {
    await fail(door, cause, request, response);
  }
}

/** Whoever asks for no form, or for any, as curl does, is a program. */
function preferredBy(request: Request): Format {
  return request.accepts(['json', 'html']) === 'html' ? 'html' : 'json';
}

async function answerTo(
  app: App,
  route: Exclude<Route, { kind: 'health' }>,
  base: string,
): Promise<Answer> {
  if (route.kind === 'metrics') {
    const document = await app.status(SUMMARIES);
    return { body: () => renderMetrics(document, app.version), type: METRICS_TYPE };
  }
  const document =
    route.kind === 'database'
      ? await app.statusOf(route.name, SUMMARIES)
      : await app.status(SUMMARIES);
  if (route.format === 'json') return inForm(document, ['json'], undefined);
  const { locale, store, timeZone } = app.config;
  const filter = route.kind === 'overview' ? route.filter : '';
  return inForm(
    document,
    ['html', app.version, locale, timeZone, base, filter],
    pageOf(document, filter, { locale, store, timeZone, base }),
  );
}

/** The moment apart from the rest, which is written once: of 500 databases it is 20 MB. */
function inForm(
  document: StatusDocument | DetailDocument,
  form: readonly string[],
  page: Answer | undefined,
): Answer {
  const { at, ...rest } = document;
  const content = JSON.stringify(rest);
  const etag = etagOf(content, form);
  if (page) return { ...page, headers: { ...page.headers, etag } };
  return {
    body: () => `{"ok":true,"at":${JSON.stringify(at)},${content.slice(1)}\n`,
    type: JSON_TYPE,
    headers: { etag },
  };
}

function silent(ms: number): LifeboatError {
  return new LifeboatError(
    'store_unreachable',
    `the store did not answer within ${ms / 1000} s`,
    'Ask again in a moment; if it lasts, see whether the store is up and the network lets this through.',
  );
}

async function fail(
  { open, log }: Door,
  cause: unknown,
  request: Request,
  response: Response,
): Promise<void> {
  const error = toLifeboatError(cause);
  if (error.http >= 500)
    log('ERROR', `the status cannot be told: ${error.message}`, {
      event: 'status',
      code: error.code,
      hint: error.hint,
      cause,
    });
  if (preferredBy(request) === 'json' || request.query['format'] === 'json')
    return problem(response, error);
  const config = await open().then(
    (app) => app.config,
    () => undefined,
  );
  const { locale = 'en', store = '', timeZone = 'UTC' } = config ?? {};
  respond(
    request,
    response,
    errorPageOf(error, { locale, store, timeZone, base: baseOf(request.originalUrl, request.url) }),
    error.http,
  );
}
