/**
 * The address of the status page, or of one database on it, below the `publicUrl` of the
 * configuration. Undefined without one.
 */
export function pageLink(publicUrl: string | undefined, database?: string): string | undefined {
  if (publicUrl === undefined) return undefined;
  const base = publicUrl.replace(/\/+$/, '');
  if (database === undefined) return base;
  return `${base}/databases/${encodeURIComponent(database.toWellFormed())}`;
}

/** Where the status page has the steps of a restore. Undefined without a `publicUrl`. */
export function restoreLink(publicUrl: string | undefined): string | undefined {
  const base = pageLink(publicUrl);
  return base && `${base}/restore.md`;
}
