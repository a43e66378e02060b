import type { Condition } from '../../../documents/status.ts';

/** The query parameters of the overview. */
export const FILTER = 'filter';
export const STATE_PARAMETER = 'state';
const PAGE_PARAMETER = 'page';

/** The page on restoring: `docs/restore.md`, served from this installation. */
export const RESTORE_HELP = '/restore.md';

/** Which databases the overview shows. Absent: all, from the first. */
export type OverviewQuery = {
  /** A part of the name. */
  readonly filter?: string | undefined;
  readonly state?: Condition | undefined;
  /** From 1. */
  readonly page?: number | undefined;
  /** `wall`: for a display that nobody clicks on. */
  readonly view?: 'wall' | undefined;
};

export function overviewPath(
  base: string,
  { filter = '', state, page = 1, view }: OverviewQuery = {},
): string {
  const query = new URLSearchParams({
    ...(filter === '' ? {} : { [FILTER]: filter }),
    ...(state === undefined ? {} : { [STATE_PARAMETER]: state }),
    ...(page === 1 ? {} : { [PAGE_PARAMETER]: String(page) }),
    ...(view === undefined ? {} : { view }),
  }).toString();
  return `${base === '' ? '/' : base}${query === '' ? '' : `?${query}`}`;
}

/** Below `databases/`, so that a database may be called `metrics`. */
export function databasePath(base: string, name: string): string {
  return `${base}/databases/${encodeURIComponent(name.toWellFormed())}`;
}

/** Where the page of a database sends its form for a backup. */
export function backupFormPath(base: string, name: string): string {
  return `${databasePath(base, name)}/backup`;
}

/** The anchor of a run on the page of its database. */
export function runAnchor(run: string): string {
  return `run-${run.replaceAll(/[^\w-]/g, '_')}`;
}
