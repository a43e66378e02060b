import type { DatabaseStatus, StatusDocument } from '../documents/status.ts';
import { filtered } from './page/overview/filter.ts';
import type { OverviewQuery } from './page/parts/paths.ts';

/**
 * One page of a document: of the databases that the query selects, sorted by name, at most `limit`.
 * The condition stays that of all databases. A page beyond the last has none.
 */
export function pageOfStatus(
  document: StatusDocument,
  query: OverviewQuery,
  limit: number,
): StatusDocument {
  const { databases, page, count } = selectPage(document.databases, query, limit);
  const pages = Math.max(1, Math.ceil(count / limit));
  return { ...document, databases, paging: { page, pages, limit, count } };
}

/** The databases of one page, and how many match the query on all pages. */
export function selectPage(
  databases: readonly DatabaseStatus[],
  { filter = '', state, page = 1 }: OverviewQuery,
  limit: number,
): { databases: DatabaseStatus[]; page: number; count: number } {
  const matches = filtered(databases, filter).filter(
    ({ condition }) => state === undefined || condition === state,
  );
  return {
    databases: matches.slice((page - 1) * limit, page * limit),
    page,
    count: matches.length,
  };
}
