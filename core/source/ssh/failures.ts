import { LifeboatError } from '../../lib/errors.ts';
import { ENGLISH, formatSize } from '../../lib/text/format.ts';
import { headerError, headerFault } from '../../sqlite/header.ts';
import { formatSsh, type SshAddress } from './address.ts';
import type { ScriptReport } from './report.ts';

type Translate = (where: string, detail: string, address: SshAddress) => LifeboatError;

const BY_WORD: Readonly<Record<string, Translate>> = {
  missing: (where) =>
    new LifeboatError(
      'source_unreachable',
      `there is no file ${where}`,
      'Check the path. If it is right, this user has no right to enter one of the folders above the file.',
    ),
  directory: (where) =>
    new LifeboatError(
      'source_invalid',
      `${where} is a directory`,
      'Name the database file itself.',
    ),
  irregular: (where) =>
    new LifeboatError(
      'source_invalid',
      `${where} is not a regular file`,
      'Name the database file itself.',
    ),
  denied: (where, _, { user }) =>
    new LifeboatError(
      'source_unreachable',
      `permission denied: user ${user} cannot read ${where}`,
      'Log in as a user who can read the database, preferably the user of the application.',
    ),
  'no-sqlite3': (_, __, { host }) =>
    new LifeboatError(
      'source_unreachable',
      `the program sqlite3 is missing on ${host}`,
      `Install it on ${host} (apt-get install sqlite3, apk add sqlite): no other program copies a live database safely.`,
    ),
  'old-sqlite3': (_, detail, { host }) =>
    new LifeboatError(
      'source_unreachable',
      `the program sqlite3 on ${host} is too old (${detail || 'unknown'})`,
      `Install sqlite3 3.8 or newer on ${host}.`,
    ),
  space: (_, detail, { host }) => {
    const [needed = '?', free = '?'] = detail.split(' ');
    return new LifeboatError(
      'insufficient_space',
      `the copy needs ${kibibytes(needed)} on ${host}, but its temporary folders have only ${kibibytes(free)} free`,
      `Free some space in /tmp or /var/tmp on ${host}.`,
    );
  },
  busy: (where) =>
    new LifeboatError(
      'source_busy',
      `${where} was locked, or being written to, during every attempt`,
      'Log in as the user of the application, who can read while it writes. Otherwise end long transactions, or back up at a quieter time.',
    ),
  'super-journal': (where) =>
    new LifeboatError(
      'source_invalid',
      `the journal of ${where} belongs to a transaction over several databases`,
      'Open the database once with the application, which finishes that transaction, then back up again.',
    ),
};

function kibibytes(count: string): string {
  return /^\d+$/.test(count) ? formatSize(ENGLISH, Number(count) * 1024) : 'an unknown amount';
}

/** The fault of the file itself, which the host's sqlite3 overlooks or describes less well. */
export function headerFailure(
  { header }: ScriptReport,
  address: SshAddress,
): LifeboatError | undefined {
  const fault = header && headerFault(header.bytes, header.size);
  return fault && headerError(fault, formatSsh(address));
}

/** What the script's `fail` means. */
export function scriptFailure(report: ScriptReport, address: SshAddress): LifeboatError {
  const { word, detail } = report.fail ?? { word: '', detail: '' };
  const where = formatSsh(address);
  if (word === 'sqlite') return sqliteFailure(detail, report, address);
  return (
    (Object.hasOwn(BY_WORD, word) ? BY_WORD[word]?.(where, detail, address) : undefined) ??
    new LifeboatError(
      'source_unreachable',
      `${address.host} cannot copy the database: ${detail}`,
      `Fix this on ${address.host}, then run the backup again.`,
    )
  );
}

function sqliteFailure(text: string, report: ScriptReport, address: SshAddress): LifeboatError {
  const fault = headerFailure(report, address);
  if (fault) return fault;
  const { host } = address;
  const where = formatSsh(address);
  const reason = text || 'sqlite3 printed nothing';
  if (/full|no space/i.test(text))
    return new LifeboatError(
      'insufficient_space',
      `${host} cannot write the copy: ${reason}`,
      `Free some space in /tmp or /var/tmp on ${host}.`,
    );
  if (/locked|busy/i.test(text))
    return new LifeboatError(
      'source_busy',
      `${where} is locked: ${reason}`,
      'End long transactions on the database, or back up at a quieter time.',
    );
  if (/malformed database schema|unsupported file format|near "/i.test(text))
    return new LifeboatError(
      'source_invalid',
      `sqlite3 ${report.version ?? ''} on ${host} cannot read the schema: ${reason}`,
      `This sqlite3 may be older than the SQLite of the application: install a newer one on ${host}. If it is not older, the database is damaged.`,
    );
  if (/not a database|malformed|corrupt|encrypted/i.test(text))
    return new LifeboatError(
      'source_invalid',
      `${where} is damaged or not a database: ${reason}`,
      'Restore the newest good backup with `lifeboat restore`, or repair the file with `.recover` of the sqlite3 program.',
    );
  if (/unable to open|permission|denied|readonly|authoriz/i.test(text))
    return new LifeboatError(
      'source_unreachable',
      `user ${address.user} cannot open ${where}: ${reason}`,
      'Log in as a user who can read the database and its -wal, preferably the user of the application.',
    );
  return new LifeboatError(
    'source_unreachable',
    `sqlite3 failed on ${host}: ${reason}`,
    `Run sqlite3 by hand on ${host} to see what is wrong, then run the backup again.`,
  );
}
