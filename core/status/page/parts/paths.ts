/** The query parameter of the filter on the overview. */
export const FILTER = 'filter';

export function overviewPath(base: string): string {
  return base === '' ? '/' : base;
}

/** Below `databases/`, so that a database may be called `metrics`. */
export function databasePath(base: string, name: string): string {
  return `${base}/databases/${encodeURIComponent(name.toWellFormed())}`;
}

/** The anchor of a run on the page of its database. */
export function runAnchor(run: string): string {
  return `run-${run.replaceAll(/[^\w-]/g, '_')}`;
}
