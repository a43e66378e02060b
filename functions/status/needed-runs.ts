import { selectDatabases } from '../../core/status/page/overview/filter.ts';
import { selectPage } from '../../core/status/paging.ts';
import type { SelectRuns } from '../../core/status/status.ts';
import type { Route } from './route.ts';

/** The databases whose runs the response shows; undefined: all. */
export function neededRuns(
  route: Extract<Route, { kind: 'overview' | 'metrics' }>,
): SelectRuns | undefined {
  // The metrics count failed runs, which the status of a database has by itself.
  if (route.kind === 'metrics') return none;
  const { format, query, runs, limit } = route;
  if (format === 'html')
    return query.view === 'wall'
      ? none
      : (databases) => selectDatabases(databases, query).databases;
  if (runs === 0) return none;
  return limit === undefined
    ? undefined
    : (databases) => selectPage(databases, query, limit).databases;
}

function none(): readonly [] {
  return [];
}
