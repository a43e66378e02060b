import { z } from 'zod';
import { commandSetting } from './command.ts';
import { assertion, guard, health, inspection } from './health.ts';
import { PLACES } from '../schedule/places.ts';
import { checked, duration, schedule, size, text, timeZone, webAddress } from './values.ts';
import { sourceAddressProblem } from './source-address.ts';

function periods(fallback: number, what: string, least = 0) {
  return z
    .int()
    .min(least, `must be at least ${least}`)
    .max(1000)
    .prefault(fallback)
    .describe(what);
}

export const retention = z.strictObject({
  daily: periods(14, 'How many days every backup is kept.', 1),
  weekly: periods(8, 'How many weeks the first verified backup of a week is kept.'),
  monthly: periods(12, 'How many months the first verified backup of a month is kept.'),
  yearly: periods(3, 'How many years the first verified backup of a year is kept.'),
});

const HOST_KEY =
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]{50,}={0,2}( .*)?$/;
const hostKey = checked('host key', (value) => {
  if (HOST_KEY.test(value) || /^SHA256:[A-Za-z0-9+/]{43}$/.test(value)) return undefined;
  if (HOST_KEY.test(value.replace(/^\S+ /, '')))
    return 'must begin with the type of the key: remove the host name in front of it';
  return 'must look like ssh-ed25519 AAAA… or SHA256:…';
});

const recipient = checked('age recipient', (value) => {
  if (value.startsWith('AGE-SECRET-KEY-'))
    return 'is a secret identity: use its recipient (age1…), and replace this identity, because it is no longer secret';
  return /^age1[02-9ac-hj-np-z]{20,}$/.test(value) ? undefined : 'must be an age recipient (age1…)';
});

/** One database. Rules about several keys are in `crossKeyProblems`. */
export const database = z
  .strictObject({
    source: checked('path or address', sourceAddressProblem).describe(
      'Where the database is: a path, or a file:, gs://, https:// or ssh:// address.',
    ),
    ssh: z
      .strictObject({
        hostKey: z
          .union([hostKey.transform((key) => [key]), z.array(hostKey).min(1, 'must have a key')], {
            error: 'must be a host key or a list of host keys',
          })
          .describe(
            'The host key of the server, `ssh-ed25519 AAAA…` or `SHA256:…`, or a list of which one must match. Lifeboat connects to no other server.',
          ),
      })
      .optional()
      .describe('Settings of ssh:// sources. The private key comes from LIFEBOAT_SSH_KEY.'),
    https: z
      .strictObject({
        auth: z
          .enum(['none', 'google', 'bearer'])
          .prefault('none')
          .describe(
            '`google` sends an ID token of the identity that Lifeboat runs as; `bearer` sends the secret in LIFEBOAT_HTTPS_TOKEN.',
          ),
        audience: text
          .optional()
          .describe(
            'The audience of the ID token, with `google`. Default: the address without path and query.',
          ),
      })
      .optional()
      .describe('Settings of https:// sources.'),
    schedule: schedule
      .optional()
      .describe(
        'When to back up: five cron fields, in quotes. Without it, nothing is scheduled and a backup is never late.',
      ),
    timeZone: timeZone
      .optional()
      .describe(
        'Time zone of the schedule, and of the days, weeks, months and years of the retention. Default: the `timeZone` at the top.',
      ),
    run: z
      .enum(PLACES)
      .prefault('function')
      .describe(
        'Where a deployment on Google Cloud runs scheduled backups: in the function `backup` (9 minutes, files in memory), by `http` in the function `backup-now` (30 minutes, files in memory), or as a Cloud Run `job` (hours, files on a disk). A host ignores it.',
      ),
    maxSize: size
      .optional()
      .describe(
        'The largest database that is backed up. A larger one is refused before or while it is copied. Default: what fits into the temporary folder.',
      ),
    full: z
      .strictObject({
        every: duration('0s', '366d')
          .prefault('7d')
          .describe(
            'Make a full backup when the last one is this old. `0s` makes every backup full.',
          ),
      })
      .prefault({})
      .describe('Full and incremental backups.'),
    retention: retention.prefault({}).describe('How long backups are kept.'),
    health: health.prefault({}).describe('Checks before a backup.'),
    assertions: z
      .array(assertion)
      .prefault([])
      .describe('Queries that must be true in the snapshot.'),
    guard: guard
      .prefault({})
      .describe('Refuses a snapshot that is much smaller than the last verified backup.'),
    ping: webAddress
      .optional()
      .describe(
        'URL to ping after every backup of this database (healthchecks.io, Uptime Kuma …), so that a service elsewhere notices when backups stop.',
      ),
    hooks: z
      .strictObject({
        before: commandSetting({ longest: '1h', fallback: '1m' })
          .optional()
          .describe('Runs before Lifeboat reads the database. If it fails, no backup is made.'),
        after: commandSetting({ longest: '1h', fallback: '1m' })
          .optional()
          .describe(
            'Runs at the end of every run that got as far as `before`, whether or not a backup was made. If it fails, the backup counts, and you are alerted.',
          ),
      })
      .optional()
      .describe('Programs of this host to run around a backup. Not in cloud functions.'),
    inspection: inspection.prefault({}).describe('How the snapshot is checked.'),
    encryption: z
      .strictObject({
        recipients: z
          .array(recipient)
          .min(1, 'must have a recipient')
          .describe('The age recipients. The identity of any one of them decrypts the backups.'),
      })
      .optional()
      .describe('Encrypts the backups of this database.'),
  })
  .transform(({ full, encryption, ...rest }) => ({
    ...rest,
    fullEveryMs: full.every,
    recipients: encryption?.recipients ?? [],
  }));

export const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
