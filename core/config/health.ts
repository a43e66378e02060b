import { z } from 'zod';
import { FRAMEWORKS } from '../sqlite/judge/frameworks.ts';
import { anyWebAddress, duration, share, size, text } from './values.ts';

const migrations = z.strictObject({
  framework: z
    .enum(FRAMEWORKS)
    .optional()
    .describe(
      'The framework whose migrations table must be in the database. Default: any that Lifeboat recognises.',
    ),
  expect: z
    .array(text)
    .prefault([])
    .describe(
      'Migrations that must be applied, as the framework names them (`shop.0042_add_index` for Django).',
    ),
});

/** Checks before a backup. */
export const health = z
  .strictObject({
    url: anyWebAddress
      .optional()
      .describe(
        'A URL of the application that must answer 2xx. Redirects are not followed. Plain http:// is allowed here.',
      ),
    timeout: duration('1s', '5m').prefault('10s').describe('How long the URL may take to answer.'),
    required: z
      .boolean()
      .prefault(true)
      .describe('Whether a failed check stops the backup. With `false` it is a warning.'),
    migrations: migrations
      .prefault({})
      .describe(
        'Migrations that the database must have. A migration that failed always stops the backup.',
      ),
  })
  .transform(({ timeout, ...rest }) => ({ ...rest, timeoutMs: timeout }));

/** How much a database may shrink between two backups. */
export const guard = z.strictObject({
  shrink: z
    .union([z.literal(false), share], { error: 'must look like 50%, or be false' })
    .prefault('50%')
    .describe(
      'Refuse a snapshot whose file, whose total rows, or whose rows in one table shrank by this share or more. `false` switches this off.',
    ),
  tables: z
    .boolean()
    .prefault(true)
    .describe('Refuse a snapshot in which a table that had rows is missing.'),
  ignore: z
    .array(text)
    .prefault([])
    .describe('Tables that may shrink or disappear, such as sessions and queues.'),
  minimumRows: z
    .int()
    .min(0)
    .max(1_000_000_000)
    .prefault(100)
    .describe(
      'Do not compare the rows of a table, or of a database, that had fewer rows than this.',
    ),
  minimumSize: size
    .prefault('256KiB')
    .describe('Do not compare the size of a database that was smaller than this.'),
});

export const assertion = z.strictObject({
  name: text.describe('The name that a failure is reported under.'),
  sql: text.describe(
    'A SELECT. It passes when the first value of the first row is neither 0 nor empty.',
  ),
});

export const inspection = z
  .strictObject({
    integrity: z
      .enum(['full', 'quick'])
      .prefault('full')
      .describe(
        '`full` runs `integrity_check`, `quick` runs `quick_check`, which does not compare indexes with tables.',
      ),
    sandboxLimit: size
      .prefault('1GiB')
      .describe(
        'Larger files are checked by node:sqlite only, because sql.js keeps the whole file in memory.',
      ),
    timeout: duration('1s', '24h')
      .prefault('30m')
      .describe('A check that takes longer is stopped, and the verdict is inconclusive.'),
    allowEmpty: z
      .boolean()
      .prefault(false)
      .describe('Whether a database without a table may be backed up.'),
    foreignKeys: z
      .enum(['warn', 'refuse', 'off'])
      .prefault('warn')
      .describe(
        'What to do about a violated foreign key: warn, refuse the backup, or do not check.',
      ),
  })
  .transform(({ timeout, ...rest }) => ({ ...rest, timeoutMs: timeout }));
