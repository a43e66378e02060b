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
