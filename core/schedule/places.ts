/**
 * Where a deployment on Google Cloud runs the scheduled backups of a database: in the function
 * `backup`, in the function `backup-now`, or in a Cloud Run job. From small to large.
 */
export const PLACES = ['function', 'http', 'job'] as const;
export type BackupPlace = (typeof PLACES)[number];
