import { LifeboatError } from '../../lib/errors.ts';
import { headerFault } from '../../sqlite/header.ts';
import { formatSsh, type SshAddress } from './address.ts';
import type { ScriptReport } from './report.ts';

type Translate = (where: string, detail: string, address: SshAddress) => LifeboatError;

const BY_WORD: Readonly<Record<string, Translate>> = {
  missing: (where) =>
    new LifeboatError(
      'source_unreachable',
      `there is no file ${where}`,
      'Check the path; if it is right, the user may not enter a folder on the way to it.',
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
      `${user} may not read ${where}`,
      'Log in as a user who may read the database.',
    ),
  'no-sqlite3': (_, __, { host }) =>
    new LifeboatError(
      'source_unreachable',
      `the program sqlite3 is missing on ${host}`,
      'Install it there (apt-get install sqlite3, apk add sqlite): no other program copies a live database safely.',
    ),
  'old-sqlite3': (_, detail, { host }) =>
    new LifeboatError(
      'source_unreachable',
      `the program sqlite3 on ${host} is too old (${detail || 'unknown'})`,
      'Install 3.8 or newer there.',
    ),
  space: (_, detail, { host }) => {
    const [needed = '?', free = '?'] = detail.split(' ');
    return new LifeboatError(
      'insufficient_space',
      `the copy needs ${needed} KiB on ${host}, and its temporary folders have ${free} KiB`,
      'Free some space in /tmp or /var/tmp there.',
    );
  },
  busy: (where) =>
    new LifeboatError(
      'source_busy',
      `${where} was locked or written to all the time`,
      'Log in as the user of the application, who may read while it writes; or try again when fewer writes run, and end transactions that have been open for long.',
    ),
  'super-journal': (where) =>
    new LifeboatError(
      'source_invalid',
      `the journal of ${where} belongs to a transaction over several databases`,
      'Open the database once with the application, which finishes that transaction, then back up again.',
    ),
};

/** The fault of the file itself, which the host's sqlite3 overlooks or describes less well. */
export function headerFailure({ header }: ScriptReport): LifeboatError | undefined {
  const fault = header && headerFault(header.bytes, header.size);
  return fault && new LifeboatError(fault.code, fault.message, fault.hint);
}

/** What the script's `fail` means. */
export function scriptFailure(report: ScriptReport, address: SshAddress): LifeboatError {
  const { word, detail } = report.fail ?? { word: '', detail: '' };
  const where = formatSsh(address);
  if (word === 'sqlite') return sqliteFailure(detail, report);
  return (
    (Object.hasOwn(BY_WORD, word) ? BY_WORD[word]?.(where, detail, address) : undefined) ??
    new LifeboatError(
      'source_unreachable',
      `the host cannot copy the database: ${detail}`,
      'Fix that there, then run it again.',
    )
  );
}

function sqliteFailure(text: string, report: ScriptReport): LifeboatError {
  const fault = headerFailure(report);
  if (fault) return fault;
  const reason = text || 'it printed nothing';
  if (/full|no space/i.test(text))
    return new LifeboatError(
      'insufficient_space',
      `the host cannot write the copy: ${reason}`,
      'Free some space in /tmp or /var/tmp there.',
    );
  if (/locked|busy/i.test(text))
    return new LifeboatError(
      'source_busy',
      `the database is locked: ${reason}`,
      'Try again when fewer writes run there.',
    );
  if (/malformed database schema|unsupported file format|near "/i.test(text))
    return new LifeboatError(
      'source_invalid',
      `the host's sqlite3 ${report.version ?? ''} cannot read the schema: ${reason}`,
      'It may be older than the engine of the application: install a newer sqlite3 there. If it is not, the database is damaged.',
    );
  if (/not a database|malformed|corrupt|encrypted/i.test(text))
    return new LifeboatError(
      'source_invalid',
      `the file is damaged or not a database: ${reason}`,
      "Restore the newest good backup, or repair it with the sqlite3 program's .recover.",
    );
  if (/unable to open|permission|denied|readonly|authoriz/i.test(text))
    return new LifeboatError(
      'source_unreachable',
      `the database cannot be opened there: ${reason}`,
      'Log in as a user who may read the database and its -wal, preferably the user of the application.',
    );
  return new LifeboatError(
    'source_unreachable',
    `sqlite3 failed on the host: ${reason}`,
    'Run sqlite3 there by hand to see what is wrong, then run the backup again.',
  );
}
