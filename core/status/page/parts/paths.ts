/** The field of the form on the overview. */
export const FILTER = 'filter';

export const overviewPath = (base: string): string => (base === '' ? '/' : base);

/** Below a folder of its own, so that a database may be called `metrics`. */
export const databasePath = (base: string, name: string): string =>
  `${base}/databases/${encodeURIComponent(name.toWellFormed())}`;

/** The anchor of a run on the page of its database. */
export const runAnchor = (run: string): string => `run-${run.replaceAll(/[^\w-]/g, '_')}`;
