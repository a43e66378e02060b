import type { Request, Response } from '@google-cloud/functions-framework';
import type { App } from '../core/app/app.ts';
import { LifeboatError } from '../core/lib/errors.ts';
import { METRICS_TYPE, renderMetrics } from '../core/status/metrics.ts';
import { pageOfStatus } from '../core/status/paging.ts';
import { timeout } from '../core/lib/async.ts';
import type { DetailDocument, StatusDocument } from '../core/documents/status.ts';
import { sendProblem } from './reply.ts';
import type { Runtime } from './runtime.ts';
import { restoreHelp } from './status/restore-help.ts';
import { backupFormOf, type PageBackups } from './status/page-backups.ts';
import { preferredBy, sendError } from './status/send-error.ts';
import { backUpForm, backUpFromPage } from './status/back-up.ts';
import { neededRuns } from './status/needed-runs.ts';
import { pageOf } from './status/pages.ts';
import { etagOf, JSON_TYPE, respond, setHeaders, type ResponseContent } from './status/respond.ts';
import { baseOf, refreshOf, routeOf, type Route } from './status/route.ts';
import { ENGLISH, formatTook } from '../core/lib/text/format.ts';

/** The page of a database that is being backed up shows the result by itself. */
const RUNNING_REFRESH_SECONDS = 5;
const STORE_TIMEOUT_MS = 20_000;
const SUMMARIES = { fromSummaries: true };

type ContentOptions = {
  readonly base: string;
  readonly pageBackups: PageBackups | undefined;
  /** Ends the reading when the response is too late. */
  readonly signal: AbortSignal;
};

/** GET: the state of every database, or everything about one, as a page, JSON or metrics. */
export async function status(
  runtime: Runtime,
  request: Request,
  response: Response,
): Promise<void> {
  setHeaders(response);
  const form = runtime.pageBackups && backupFormOf(request.url);
  if (request.method === 'POST' && runtime.pageBackups && form !== undefined)
    return backUpFromPage(runtime, runtime.pageBackups, { name: form, request, response });
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
    if (route.kind === 'restore-help') return await respond(request, response, await restoreHelp());
    const base = baseOf(request.originalUrl, request.url);
    const { pageBackups } = runtime;
    const isRunning = route.kind === 'database' && pageBackups?.isRunning(route.name) === true;
    if (isRunning && route.format === 'html' && refresh === undefined)
      response.set('refresh', String(RUNNING_REFRESH_SECONDS));
    const content = async (signal: AbortSignal): Promise<ResponseContent> =>
      responseContent(await runtime.open(), route, { base, pageBackups, signal });
    const ms = Math.min(STORE_TIMEOUT_MS, runtime.deadlineMs ?? STORE_TIMEOUT_MS);
    const error = (): LifeboatError => storeTimeout(ms);
    await respond(request, response, await timeout(content, { ms, error }));
  } catch (cause) {
    await sendError(runtime, cause, request, response);
  }
}

async function responseContent(
  app: App,
  route: Exclude<Route, { kind: 'health' | 'restore-help' }>,
  { base, pageBackups, signal }: ContentOptions,
): Promise<ResponseContent> {
  if (route.kind === 'metrics') {
    const document = await app.status({ ...SUMMARIES, selectRuns: neededRuns(route), signal });
    return { body: () => renderMetrics(document, app.version), type: METRICS_TYPE };
  }
  const document =
    route.kind === 'database'
      ? await app.statusOf(route.name, SUMMARIES)
      : await app.status({ ...SUMMARIES, selectRuns: neededRuns(route), signal });
  if (route.format === 'json') return withEtag(requestedPart(document, route), ['json']);
  const { locale, store, timeZone } = app.config;
  const backUp = backUpForm(app, route, pageBackups);
  const options = { locale, store, timeZone, base, version: app.version, backUp };
  const form = ['html', app.version, locale, timeZone, base, JSON.stringify([route, backUp])];
  const page = pageOf(document, route, options);
  return { ...page, headers: { ...page.headers, etag: etagOf(documentParts(document), form) } };
}

/** The databases and the runs that the query of a request asks for. */
function requestedPart(
  document: StatusDocument | DetailDocument,
  route: Extract<Route, { kind: 'overview' | 'database' }>,
): StatusDocument | DetailDocument {
  if (route.kind !== 'overview' || !('databases' in document)) return document;
  const { query, limit, runs } = route;
  const page = limit === undefined ? document : pageOfStatus(document, query, limit);
  if (runs === undefined) return page;
  const databases = page.databases.map((each) => ({
    ...each,
    runs: each.runs.slice(Math.max(0, each.runs.length - runs)),
  }));
  return { ...page, databases };
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
    `the store did not answer within ${formatTook(ENGLISH, ms)}`,
    'Try again in a moment. If it keeps failing, check that the store is up and that the network allows access.',
  );
}
