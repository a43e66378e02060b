import { z } from 'zod';
import { database, NAME } from './database.ts';
import { notify } from './notify.ts';
import { REASONS, checked, duration, reserve, schedule, timeZone, webAddress } from './values.ts';
import { storeAddressFault } from './store-address.ts';

const ownZone = timeZone.optional().describe('Of the schedule. By default the one at the top.');
const place = checked('folder or gs://bucket', storeAddressFault);

/**
 * The whole of lifeboat.yaml: the one place where keys, defaults and their meaning are written
 * down. docs/lifeboat.schema.json is made of it.
 */
export const configSchema = z.strictObject({
  store: place
    .prefault('./backups')
    .describe('Where backups live: a folder, or gs://bucket or gs://bucket/prefix.'),
  copies: z
    .array(place)
    .prefault([])
    .describe(
      'Further stores that get each backup too. A copy that fails is an alarm, not a failed backup.',
    ),
  locale: z
    .enum(['en', 'pt-BR'])
    .prefault('en')
    .describe('The language of notifications and of the status page.'),
  timeZone: timeZone.prefault('UTC').describe('The time zone where none is given.'),
  databases: z
    .record(
      z
        .string()
        .regex(
          NAME,
          'is not a name: letters, digits, _ and -, at most 63, the first a letter or a digit',
        ),
      database,
    )
    .prefault({})
    .describe('The databases, by name.'),
  space: z
    .strictObject({
      reserve: reserve
        .prefault('10%')
        .describe('Warn when less is free, as a size or as a share of the disk.'),
    })
    .prefault({})
    .describe('Free space, in the temporary folder and in stores that are folders.'),
  restoreTest: z
    .strictObject({
      schedule: schedules('0 5 1 * *'),
      timeZone: ownZone,
      older: z
        .int()
        .min(0)
        .max(10)
        .prefault(1)
        .describe('How many older backups, chosen at random, are tested beside the newest.'),
    })
    .prefault({})
    .describe('The scheduled restore of backups into temporary storage.'),
  watch: z
    .strictObject({
      schedule: schedules('15 * * * *'),
      timeZone: ownZone,
      grace: duration('0s', '30d')
        .prefault('2h')
        .describe('How late a backup may be before it is an alarm.'),
      ping: webAddress
        .optional()
        .describe(
          'An address that is asked when all is well, so that a dead Lifeboat is noticed from outside (healthchecks.io and the like).',
        ),
    })
    .transform(({ grace, ...rest }) => ({ ...rest, graceMs: grace }))
    .prefault({})
    .describe('The check that nothing is missing, late, unfinished or changed.'),
  backupNow: z
    .strictObject({
      accept: z
        .boolean()
        .prefault(false)
        .describe(
          'Whether a request may set `accept`, which backs up a database that is much smaller than its last backup.',
        ),
      reasons: z
        .array(z.enum(REASONS))
        .min(1, 'must name a reason')
        .prefault(['pre-deploy', 'pre-push'])
        .describe(
          'The reasons that a request may have. Backups with the reasons `schedule` and `manual` may take weekly, monthly and yearly slots.',
        ),
    })
    .prefault({})
    .describe('What requests to the function `backup-now` may contain.'),
  notify: notify.prefault({}).describe('Who is told, and by which channel.'),
});

/** For editors and for Terraform: every key with its type, default and meaning. */
export function jsonSchema(): Record<string, unknown> {
  return {
    title: 'lifeboat.yaml',
    ...z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7' }),
  };
}

function schedules(fallback: string) {
  return z
    .union([z.literal(false), schedule], { error: 'is not a cron expression, and not false' })
    .prefault(fallback)
    .describe('Five cron fields, in quotes. `false` has no schedule.');
}
