/** The migration frameworks whose records in a database Lifeboat can read. */
export const FRAMEWORKS = [
  'django',
  'rails',
  'prisma',
  'alembic',
  'knex',
  'drizzle',
  'laravel',
  'flyway',
  'golang-migrate',
] as const;

export type Framework = (typeof FRAMEWORKS)[number];
