import { LifeboatError } from '../../core/lib/errors.ts';

export type Format = 'html' | 'json';
/** What is asked for. `base` is what comes before the paths of the function, as under `lifeboat dev`: `/status`; else empty. */
export type Route =
  | { readonly kind: 'overview'; readonly format: Format; readonly filter: string }
  | { readonly kind: 'database'; readonly format: Format; readonly name: string }
  | { readonly kind: 'metrics' }
  | { readonly kind: 'health' };

const LONGEST_FILTER = 200;
const [LEAST_REFRESH, MOST_REFRESH] = [5, 86_400];

/** `preferred` is what the Accept header asks for. A format in the query wins over it. Throws `not_found` and `usage`. */
export function routeOf(url: string, preferred: Format): Route {
  const [path = '/', search = ''] = url.split(/\?(.*)/s);
  if (path === '/metrics') return { kind: 'metrics' };
  if (path === '/health') return { kind: 'health' };
  const query = new URLSearchParams(search);
  const format = query.get('format') ?? preferred;
  if (format !== 'html' && format !== 'json')
    throw new LifeboatError(
      'usage',
      `there is no format ${JSON.stringify(format.slice(0, 80))}`,
      'The formats are html and json.',
    );
  if (path === '/' || path === '')
    return {
      kind: 'overview',
      format,
      filter: (query.get('filter') ?? '').slice(0, LONGEST_FILTER),
    };
  const name = decoded(/^\/databases\/([^/]+)$/.exec(path)?.[1] ?? '');
  if (!name) throw nothing(path);
  return { kind: 'database', format, name };
}

/** For a screen on a wall: after how many seconds a browser is to ask again, `?refresh=60`. Throws `usage`. */
export function refreshOf(url: string): number | undefined {
  const asked = new URLSearchParams(url.split(/\?(.*)/s)[1]).get('refresh');
  if (asked === null) return undefined;
  const seconds = /^\d{1,6}$/.test(asked) ? Number(asked) : 0;
  if (seconds >= LEAST_REFRESH && seconds <= MOST_REFRESH) return seconds;
  throw new LifeboatError(
    'usage',
    `${JSON.stringify(asked.slice(0, 80))} is no time to refresh after`,
    `Give whole seconds, from ${LEAST_REFRESH} to ${MOST_REFRESH}.`,
  );
}

/** What a server that this function is a part of has taken off the path: nothing in the cloud. */
export function baseOf(original: string, own: string): string {
  const [outer = '', inner = ''] = [original, own].map((url) => url.split('?')[0] ?? '');
  return outer.endsWith(inner) ? outer.slice(0, outer.length - inner.length) : outer;
}

/** A name as it stands in a path; what is not percent-encoded UTF-8 names nothing. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function nothing(path: string): LifeboatError {
  return new LifeboatError(
    'not_found',
    `there is nothing at ${path.slice(0, 200)}`,
    'There are /, /databases/<name>, /metrics and /health.',
  );
}
