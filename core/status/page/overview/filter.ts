import { CONDITIONS, type Condition, type DatabaseStatus } from '../../../documents/status.ts';
import { worstFirst } from '../../condition.ts';
import type { OverviewQuery } from '../parts/paths.ts';

export const WORST_FIRST: readonly Condition[] = CONDITIONS.toReversed();
/** The databases on one page of the overview. */
export const PAGE_SIZE = 50;

export type OverviewSelection = {
  /** Those of this page, the worst first. */
  readonly databases: readonly DatabaseStatus[];
  /** How many match, on all pages. */
  readonly count: number;
  readonly page: number;
  readonly pages: number;
};

/** The databases whose name contains the text, in upper or lower case. */
export function filtered(databases: readonly DatabaseStatus[], filter: string): DatabaseStatus[] {
  const text = filter.trim().toLowerCase();
  return databases.filter(({ name }) => name.toLowerCase().includes(text));
}

/** One page of those that match. A page beyond the last is the last. */
export function selectDatabases(
  databases: readonly DatabaseStatus[],
  { filter = '', state, page = 1 }: OverviewQuery,
  pageSize = PAGE_SIZE,
): OverviewSelection {
  const matches = worstFirst(filtered(databases, filter)).filter(
    ({ condition }) => state === undefined || condition === state,
  );
  const pages = Math.max(1, Math.ceil(matches.length / pageSize));
  const at = Math.min(Math.max(1, Math.trunc(page) || 1), pages);
  return {
    databases: matches.slice((at - 1) * pageSize, at * pageSize),
    count: matches.length,
    page: at,
    pages,
  };
}
