import { LifeboatError } from '../../core/lib/errors.ts';
import { CONDITIONS, type Condition } from '../../core/documents/status.ts';
import { MOST_RUNS } from '../../core/state/state.ts';
import { RESTORE_HELP, type OverviewQuery } from '../../core/status/page/parts/paths.ts';

export type Format = 'html' | 'json';
/** The resource that a request names. */
export type Route =
  | {
      readonly kind: 'overview';
      readonly format: Format;
      readonly query: OverviewQuery;
      /** How many of the newest runs of each database the JSON has; all when undefined. */
      readonly runs: number | undefined;
      /** How many databases a page of the JSON has; all when undefined. */
      readonly limit?: number | undefined;
    }
  | {
      readonly kind: 'database';
      readonly format: Format;
      readonly name: string;
      readonly on: string | undefined;
    }
  | { readonly kind: 'metrics' }
  | { readonly kind: 'restore-help' }
  | { readonly kind: 'health' };

const LONGEST_FILTER = 200;
const MOST_ON_PAGE = 1000;
const [LEAST_REFRESH, MOST_REFRESH] = [5, 86_400];

/**
 * `preferred` is the format of the Accept header; `format` in the query overrides it. Throws
 * `not_found` and `usage`.
 */
export function routeOf(url: string, preferred: Format): Route {
  const [path = '/', search = ''] = url.split(/\?(.*)/s);
  if (path === '/metrics') return { kind: 'metrics' };
  if (path === RESTORE_HELP) return { kind: 'restore-help' };
  if (path === '/health') return { kind: 'health' };
  const query = new URLSearchParams(search);
  const format = query.get('format') ?? preferred;
  if (format !== 'html' && format !== 'json')
    throw new LifeboatError(
      'usage',
      `unknown format ${JSON.stringify(format.slice(0, 80))}`,
      'Use html or json.',
    );
  if (path === '/' || path === '')
    return {
      kind: 'overview',
      format,
      query: overviewQueryOf(query),
      runs: runsOf(query.get('runs')),
      limit: limitOf(query.get('limit')),
    };
  const name = databaseOf(path);
  if (!name) throw noSuchPath(path);
  return { kind: 'database', format, name, on: query.get('on') ?? undefined };
}

function overviewQueryOf(query: URLSearchParams): OverviewQuery {
  return {
    filter: (query.get('filter') ?? '').slice(0, LONGEST_FILTER),
    state: stateOf(query.get('state')),
    page: pageNumberOf(query.get('page')),
    view: viewOf(query.get('view')),
  };
}

function stateOf(text: string | null): Condition | undefined {
  // An empty field of a form.
  if (text === null || text === '') return undefined;
  const state = CONDITIONS.find((condition) => condition === text);
  if (state) return state;
  throw invalidQuery('state', text, `Use ${CONDITIONS.join(', ')}.`);
}

function pageNumberOf(text: string | null): number {
  if (text === null) return 1;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw invalidQuery('page', text, 'Use a whole number from 1.');
}

function viewOf(text: string | null): 'wall' | undefined {
  if (text === null || text === '') return undefined;
  if (text === 'wall') return text;
  throw invalidQuery('view', text, 'Use wall.');
}

function invalidQuery(what: string, text: string, hint: string): LifeboatError {
  return new LifeboatError('usage', `invalid ${what} ${JSON.stringify(text.slice(0, 80))}`, hint);
}

/**
 * For a wall display: the seconds after which the browser reloads the page, `?refresh=60`. Throws
 * `usage`.
 */
export function refreshOf(url: string): number | undefined {
  const text = new URLSearchParams(url.split(/\?(.*)/s)[1]).get('refresh');
  if (text === null) return undefined;
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (seconds >= LEAST_REFRESH && seconds <= MOST_REFRESH) return seconds;
  const hint = `Use whole seconds from ${LEAST_REFRESH} to ${MOST_REFRESH}.`;
  throw invalidQuery('refresh interval', text, hint);
}

/** `?runs=0` leaves the runs out of the JSON: for many databases they are most of it. */
function runsOf(text: string | null): number | undefined {
  if (text === null) return undefined;
  const runs = /^\d{1,3}$/.test(text) ? Number(text) : Infinity;
  if (runs <= MOST_RUNS) return runs;
  throw invalidQuery('number of runs', text, `Use a whole number from 0 to ${MOST_RUNS}.`);
}

/** Without it, `page` is of the HTML only: clients that send neither get every database. */
function limitOf(text: string | null): number | undefined {
  if (text === null) return undefined;
  const limit = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : Infinity;
  if (limit <= MOST_ON_PAGE) return limit;
  throw invalidQuery('limit', text, `Use a whole number from 1 to ${MOST_ON_PAGE}.`);
}

/**
 * The part of the path that a surrounding server removed: `/status` under `lifeboat dev`, empty in
 * the cloud.
 */
export function baseOf(original: string, own: string): string {
  const [outer = '', inner = ''] = [original, own].map((url) => url.split('?')[0] ?? '');
  return outer.endsWith(inner) ? outer.slice(0, outer.length - inner.length) : outer;
}

/** The database that a path names, if any. */
export function databaseOf(url: string): string | undefined {
  const [path = ''] = url.split('?');
  return decodedName(/^\/databases\/([^/]+)$/.exec(path)?.[1] ?? '') || undefined;
}

/** A name in a path; `undefined` when it is not percent-encoded UTF-8. */
function decodedName(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function noSuchPath(path: string): LifeboatError {
  return new LifeboatError(
    'not_found',
    `no page at ${path.slice(0, 200)}`,
    'Use /, /databases/<name>, /restore.md, /metrics or /health.',
  );
}
