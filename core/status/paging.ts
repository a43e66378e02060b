import type { StatusDocument } from '../documents/status.ts';
import { filtered } from './page/overview/filter.ts';
import type { OverviewQuery } from './page/parts/paths.ts';

/**
 * One page of a document: of the databases that the query selects, sorted by name, at most `limit`.
 * The condition stays that of all databases. A page beyond the last has none.
 */
export function pageOfStatus(
  document: StatusDocument,
  { filter = '', state, page = 1 }: OverviewQuery,
  limit: number,
): StatusDocument {
  const matches = filtered(document.databases, filter).filter(
    ({ condition }) => state === undefined || condition === state,
  );
  return {
    ...document,
    databases: matches.slice((page - 1) * limit, page * limit),
    paging: {
      page,
      pages: Math.max(1, Math.ceil(matches.length / limit)),
      limit,
      count: matches.length,
    },
  };
}
