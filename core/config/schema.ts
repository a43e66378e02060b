import { z } from 'zod';

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZES = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

const measure = (pattern: RegExp, units: Readonly<Record<string, number>>, example: string) =>
  z
    .string()
    .regex(pattern, `is not like ${example}`)
    .transform((text) => {
      const [, number = '', unit = ''] = pattern.exec(text) ?? [];
      return Number(number) * (units[unit] ?? 1);
    });
const duration = measure(/^(\d+)(s|m|h|d)$/, UNITS, '7d, 2h, 30m or 90s');
const size = measure(/^(\d+)(B|KiB|MiB|GiB)$/, SIZES, '512MiB or 1GiB');
const periods = (fallback: number) => z.int().min(0).max(1000).default(fallback);

const timeZone = z.string().refine((zone) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}, 'is not a time zone like America/Sao_Paulo');

const source = z
  .string()
  .min(1)
  .refine((text) => !/^(gs|https?|ssh):/.test(text), 'is not supported by this version: give a path or a file: URL');

const database = z.strictObject({
  source,
  schedule: z
    .string()
    .regex(/^\S+(\s+\S+){4}$/, 'is not a cron expression of five fields')
    .optional(),
  timeZone: timeZone.default('UTC'),
  full: z.strictObject({ every: duration.default(7 * UNITS.d) }).default({ every: 7 * UNITS.d }),
  retention: z
    .strictObject({ daily: periods(14), weekly: periods(8), monthly: periods(12), yearly: periods(3) })
    .refine(({ daily }) => daily > 0, { path: ['daily'], message: 'must be at least 1' })
    .default({ daily: 14, weekly: 8, monthly: 12, yearly: 3 }),
  assertions: z.array(z.strictObject({ name: z.string().min(1), sql: z.string().min(1) })).default([]),
  inspection: z
    .strictObject({
      integrity: z.enum(['full', 'quick']).default('full'),
      sandboxLimit: size.default(SIZES.GiB),
      timeout: duration.default(30 * UNITS.m),
      allowEmpty: z.boolean().default(false),
      foreignKeys: z.enum(['warn', 'refuse', 'off']).default('warn'),
    })
    .prefault({}),
  encryption: z.strictObject({ recipients: z.array(z.string().startsWith('age1', 'is not an age recipient (age1…)')).min(1) }).optional(),
});

export const configSchema = z.strictObject({
  store: z.string().min(1).default('./backups'),
  databases: z
    .record(z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/i, 'is not a name: letters, digits, _ and -, at most 63'), database)
    .default({}),
});

export type DatabaseInput = z.input<typeof database>;
export const parseDatabase = (input: DatabaseInput) => database.parse(input);
