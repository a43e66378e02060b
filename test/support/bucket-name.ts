/** The bucket of the fake, also for what runs without vitest. */
export const BUCKET = 'acme-backups';
