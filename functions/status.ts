import type { Request, Response } from '@google-cloud/functions-framework';
import type { App } from '../core/app/app.ts';
import { LifeboatError, toLifeboatError } from '../core/lib/errors.ts';
import { METRICS_TYPE, renderMetrics } from '../core/status/metrics.ts';
import { timeout } from '../core/lib/async.ts';
import type { DetailDocument, StatusDocument } from '../core/documents/status.ts';
import type { PageError } from '../core/status/page/error.ts';
import { sendProblem } from './reply.ts';
import type { Runtime } from './runtime.ts';
import { errorPageOf, pageOf } from './status/pages.ts';
import { etagOf, JSON_TYPE, respond, setHeaders, type ResponseContent } from './status/respond.ts';
import { baseOf, databaseOf, refreshOf, routeOf, type Format, type Route } from './status/route.ts';

const STORE_TIMEOUT_MS = 20_000;
const SUMMARIES = { fromSummaries: true };

/** GET: the state of every database, or everything about one, as a page, JSON or metrics. */
export async function status(
  runtime: Runtime,
  request: Request,
  response: Response,
): Promise<void> {
  setHeaders(response);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.set('allow', 'GET, HEAD');
    return sendProblem(
      response,
      new LifeboatError(
        'usage',
        'method not allowed: use GET',
        'Send the request with GET or HEAD.',
      ),
      405,
    );
  }
  try {
    const route = routeOf(request.url, preferredBy(request));
    const refresh = refreshOf(request.url);
    // Set first, so that a wall display that shows an error reloads too.
    if (refresh !== undefined && preferredBy(request) === 'html')
      response.set('refresh', String(refresh));
    if (route.kind === 'health')
      return await respond(request, response, { body: () => '{"ok":true}\n', type: JSON_TYPE });
    const base = baseOf(request.originalUrl, request.url);
    const content = runtime.open().then((app) => responseContent(app, route, base));
    const ms = Math.min(STORE_TIMEOUT_MS, runtime.deadlineMs ?? STORE_TIMEOUT_MS);
    const error = (): LifeboatError => storeTimeout(ms);
    await respond(request, response, await timeout(() => content, { ms, error }));
  } catch (cause) {
    await sendError(runtime, cause, request, response);
  }
}

/** A client that accepts anything, as curl does, is a program and gets JSON. */
function preferredBy(request: Request): Format {
  return request.accepts(['json', 'html']) === 'html' ? 'html' : 'json';
}

async function responseContent(
  app: App,
  route: Exclude<Route, { kind: 'health' }>,
  base: string,
): Promise<ResponseContent> {
  if (route.kind === 'metrics') {
    const document = await app.status(SUMMARIES);
    return { body: () => renderMetrics(document, app.version), type: METRICS_TYPE };
  }
  const document =
    route.kind === 'database'
      ? await app.statusOf(route.name, SUMMARIES)
      : await app.status(SUMMARIES);
  const runs = route.kind === 'overview' ? route.runs : undefined;
  if (route.format === 'json') return withEtag(withRuns(document, runs), ['json']);
  const { locale, store, timeZone } = app.config;
  const options = { locale, store, timeZone, base, version: app.version };
  const form = ['html', app.version, locale, timeZone, base, JSON.stringify(route)];
  const page = pageOf(document, route, options);
  return { ...page, headers: { ...page.headers, etag: etagOf(documentParts(document), form) } };
}

function withRuns<T extends StatusDocument | DetailDocument>(
  document: T,
  count: number | undefined,
): T {
  if (count === undefined || !('databases' in document)) return document;
  const databases = document.databases.map((each) => ({
    ...each,
    runs: each.runs.slice(Math.max(0, each.runs.length - count)),
  }));
  return { ...document, databases };
}

/** Serialises the document once, without its moment: for 500 databases that is 20 MB. */
function withEtag(
  document: StatusDocument | DetailDocument,
  form: readonly string[],
): ResponseContent {
  const { at, ...rest } = document;
  const content = JSON.stringify(rest);
  const etag = etagOf([content], form);
  return {
    body: () => `{"ok":true,"at":${JSON.stringify(at)},${content.slice(1)}\n`,
    type: JSON_TYPE,
    headers: { etag },
  };
}

/**
 * The text that a page depends on, one database at a time: of 5,000 databases it is longer than a
 * string can be.
 */
function* documentParts({
  at: _at,
  ...document
}: StatusDocument | DetailDocument): Generator<string> {
  const { databases, ...rest } = { databases: [], ...document };
  yield JSON.stringify(rest);
  for (const database of databases) yield JSON.stringify(database);
}

function storeTimeout(ms: number): LifeboatError {
  return new LifeboatError(
    'store_unreachable',
    `the store did not answer within ${ms / 1000} s`,
    'Try again in a moment. If it keeps failing, check that the store is up and that the network allows access.',
  );
}

async function sendError(
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
    return sendProblem(response, error);
  const config = await open().then(
    (app) => app.config,
    () => undefined,
  );
  const { locale = 'en', store = '', timeZone = 'UTC' } = config ?? {};
  await respond(
    request,
    response,
    errorPageOf(pageErrorOf(error, request.url), {
      locale,
      store,
      timeZone,
      base: baseOf(request.originalUrl, request.url),
    }),
    error.http,
  );
}

function pageErrorOf({ code, message, hint }: LifeboatError, url: string): PageError {
  return { code, message, hint, database: code === 'not_found' ? databaseOf(url) : undefined };
}
