import { z } from 'zod';
import { FRAMEWORKS } from '../sqlite/frameworks.ts';
import { anyWebAddress, duration, share, size, text } from './values.ts';

const migrations = z.strictObject({
  framework: z
    .enum(FRAMEWORKS)
    .optional()
    .describe(
      'The framework whose bookkeeping must be found in the database. By default any that is recognised.',
    ),
  expect: z
    .array(text)
    .prefault([])
    .describe(
      'Migrations that must be applied, as the framework names them (`shop.0042_add_index` for Django).',
    ),
});

/** What must hold before a backup is made. */
export const health = z
  .strictObject({
    url: anyWebAddress
      .optional()
      .describe(
        'A URL of the application that must answer 2xx. Redirects are not followed. Plain http:// is allowed here.',
      ),
    timeout: duration('1s', '5m')
      .prefault('10s')
      .describe('How long the address may take to answer.'),
    required: z
      .boolean()
      .prefault(true)
      .describe('Whether a fault refuses the backup. With `false` it is a warning.'),
    migrations: migrations
      .prefault({})
      .describe(
        'What is expected of the migrations in the database. A failed migration is always a fault.',
      ),
  })
  .transform(({ timeout, ...rest }) => ({ ...rest, timeoutMs: timeout }));

/** What must hold between a snapshot and the last verified backup. */
export const guard = z.strictObject({
  shrink: z
    .union([z.literal(false), share], { error: 'is not like 50%, and not false' })
    .prefault('50%')
    .describe(
      'Refuse a snapshot whose file, whose rows in all, or whose rows in one table fell by this share or more. `false` does not look.',
    ),
  tables: z
    .boolean()
    .prefault(true)
    .describe('Refuse a snapshot in which a table is gone that had rows.'),
  ignore: z
    .array(text)
    .prefault([])
    .describe('Tables that may shrink and vanish, such as sessions and queues.'),
  minimumRows: z
    .int()
    .min(0)
    .max(1_000_000_000)
    .prefault(100)
    .describe('Tables (and databases) that had fewer rows are not judged by their rows.'),
  minimumSize: size
    .prefault('256KiB')
    .describe('Databases that were smaller are not judged by their size.'),
});

export const assertion = z.strictObject({
  name: text.describe('What is told when it does not hold.'),
  sql: text.describe(
    'A SELECT; it holds when the first value of the first row is neither 0 nor empty.',
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
        'Larger files are judged by node:sqlite alone, not by sql.js: it keeps the whole file in memory.',
      ),
    timeout: duration('1s', '24h')
      .prefault('30m')
      .describe('A judge that takes longer is stopped; the verdict is then inconclusive.'),
    allowEmpty: z
      .boolean()
      .prefault(false)
      .describe('Whether a database without a table may be backed up.'),
    foreignKeys: z
      .enum(['warn', 'refuse', 'off'])
      .prefault('warn')
      .describe('What a violated foreign key does.'),
  })
  .transform(({ timeout, ...rest }) => ({ ...rest, timeoutMs: timeout }));
