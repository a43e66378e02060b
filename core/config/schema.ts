import { z } from 'zod';
import { database, NAME } from './database.ts';
import { notify } from './notify.ts';
import { REASONS, checked, duration, reserve, schedule, timeZone, webAddress } from './values.ts';
import { storeAddressProblem } from './store-address.ts';

const ownZone = timeZone
  .optional()
  .describe('Time zone of the schedule. Default: the `timeZone` at the top.');
const storeAddress = checked('folder or gs://bucket', storeAddressProblem);

/** All keys of lifeboat.yaml with defaults and meaning. docs/lifeboat.schema.json is generated from it. */
export const configSchema = z.strictObject({
  store: storeAddress
    .prefault('./backups')
    .describe('Where backups are stored: a folder, gs://bucket or gs://bucket/prefix.'),
  copies: z
    .array(storeAddress)
    .prefault([])
    .describe(
      'More stores that get a copy of every backup. A failed copy sends an alert; the backup still counts.',
    ),
  locale: z
    .enum(['en', 'pt-BR'])
    .prefault('en')
    .describe('The language of notifications and of the status page.'),
  timeZone: timeZone
    .prefault('UTC')
    .describe('The time zone of everything that has none of its own.'),
  databases: z
    .record(
      z
        .string()
        .regex(
          NAME,
          'must be a name of at most 63 letters, digits, _ and -, and begin with a letter or a digit',
        ),
      database,
    )
    .prefault({})
    .describe('The databases, by name.'),
  space: z
    .strictObject({
      reserve: reserve
        .prefault('10%')
        .describe('Warn when less space is free: a size, or a share of the disk.'),
    })
    .prefault({})
    .describe('Free space in the temporary folder and in folder stores.'),
  restoreTest: z
    .strictObject({
      schedule: schedules('0 5 1 * *'),
      timeZone: ownZone,
      older: z
        .int()
        .min(0)
        .max(10)
        .prefault(1)
        .describe(
          'How many older backups, chosen at random, to test in addition to the latest one.',
        ),
    })
    .prefault({})
    .describe('Scheduled restores into temporary storage.'),
  watch: z
    .strictObject({
      schedule: schedules('15 * * * *'),
      timeZone: ownZone,
      grace: duration('0s', '30d')
        .prefault('2h')
        .describe(
          'How late a backup may be before an alert is sent. A backup in progress gets additional time: the duration of the longest of the last 90 runs.',
        ),
      ping: webAddress
        .optional()
        .describe('URL to ping after every clean check (healthchecks.io, Uptime Kuma …).'),
      key: z
        .enum(['require', 'off'])
        .prefault('require')
        .describe(
          'Whether a watch without `LIFEBOAT_KEY` raises an alarm when the store has authenticated backups. `off` accepts that it cannot recognize a planted backup.',
        ),
    })
    .transform(({ grace, ...rest }) => ({ ...rest, graceMs: grace }))
    .prefault({})
    .describe('The regular check for missing, late or unfinished backups and changed settings.'),
  publicUrl: webAddress
    .optional()
    .describe('Where people open the status page. Alerts then contain a link to it.'),
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
  notify: notify.prefault({}).describe('Notification channels and recipients.'),
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
    .union([z.literal(false), schedule], { error: 'must be a cron expression or false' })
    .prefault(fallback)
    .describe('Five cron fields, in quotes. `false` switches it off.');
}
