import { z } from 'zod';
import { assertion, guard, health, inspection } from './health.ts';
import { checked, duration, schedule, text, timeZone } from './values.ts';
import { sourceAddressFault } from './source-address.ts';

function periods(fallback: number, what: string, least = 0) {
  return z
    .int()
    .min(least, `must be at least ${least}`)
    .max(1000)
    .prefault(fallback)
    .describe(what);
}

export const retention = z.strictObject({
  daily: periods(14, 'Days that every backup lives.', 1),
  weekly: periods(8, 'Weeks that the first verified backup of a week lives.'),
  monthly: periods(12, 'Months that the first verified backup of a month lives.'),
  yearly: periods(3, 'Years that the first verified backup of a year lives.'),
});

const KEY = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]{50,}={0,2}( .*)?$/;
const hostKey = checked('host key', (value) => {
  if (KEY.test(value) || /^SHA256:[A-Za-z0-9+/]{43}$/.test(value)) return undefined;
  if (KEY.test(value.replace(/^\S+ /, '')))
    return 'must not have the name of the host in front of the key';
  return 'is not like ssh-ed25519 AAAA…, and not like SHA256:…';
});

const recipient = checked('age recipient', (value) => {
  if (value.startsWith('AGE-SECRET-KEY-'))
    return 'is an identity, which is a secret: give its recipient (age1…), make a new pair, and forget this one';
  return /^age1[02-9ac-hj-np-z]{20,}$/.test(value) ? undefined : 'is not an age recipient (age1…)';
});

/** One database, as it is written. What concerns several keys at once is in `crossFaults`. */
export const database = z
  .strictObject({
    source: checked('path or address', sourceAddressFault).describe(
      'Where the database is: a path, or a file:, gs://, https:// or ssh:// address.',
    ),
    ssh: z
      .strictObject({
        hostKey: z
          .union([hostKey.transform((key) => [key]), z.array(hostKey).min(1, 'must hold a key')], {
            error: 'is not a key, and not a list of keys',
          })
          .describe(
            'The key of the server, `ssh-ed25519 AAAA…` or `SHA256:…`, or a list of keys of which one must be its. There is no connection without one.',
          ),
      })
      .optional()
      .describe('For ssh:// sources. The private key comes from LIFEBOAT_SSH_KEY.'),
    https: z
      .strictObject({
        auth: z
          .enum(['none', 'google', 'bearer'])
          .prefault('none')
          .describe(
            '`google` sends an ID token of the identity that Lifeboat runs as, `bearer` the secret in LIFEBOAT_HTTPS_TOKEN.',
          ),
        audience: text
          .optional()
          .describe(
            'The audience of the ID token, with `google`. By default the address without path and query.',
          ),
      })
      .optional()
      .describe('For https:// sources.'),
    schedule: schedule
      .optional()
      .describe(
        'When to back up: five cron fields, in quotes. Without it there is no schedule, and a backup is never late.',
      ),
    timeZone: timeZone
      .optional()
      .describe(
        'Of the schedule, and of the days, weeks, months and years of the retention. By default the one at the top.',
      ),
    full: z
      .strictObject({
        every: duration('0s', '366d')
          .prefault('7d')
          .describe('A backup is full when its base is this old. `0s` makes all full.'),
      })
      .prefault({})
      .describe('Full and incremental backups.'),
    retention: retention.prefault({}).describe('How long backups are kept.'),
    health: health.prefault({}).describe('What is checked before a backup.'),
    assertions: z.array(assertion).prefault([]).describe('Queries that must hold in the snapshot.'),
    guard: guard
      .prefault({})
      .describe('Refuses a snapshot that lost much since the last verified backup.'),
    inspection: inspection.prefault({}).describe('How the snapshot is judged.'),
    encryption: z
      .strictObject({
        recipients: z
          .array(recipient)
          .min(1, 'must hold a recipient')
          .describe('The age recipients. Any one of their identities opens the backups.'),
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
