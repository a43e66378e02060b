import type { Locale, Tongue } from '../../../lib/text/format.ts';
import type { BackupFault } from '../../../documents/backup.ts';
import type { Verdict } from '../../../sqlite/types.ts';
import type { Condition, DatabaseStatus, Reason } from '../../../documents/status.ts';
import type { RunTone } from '../charts/tone.ts';

/**
 * Every text of the pages except names, numbers and error messages. The type gives all languages
 * the same keys.
 */
export type PageWords = Tongue & {
  readonly locale: Locale;
  readonly condition: Readonly<Record<Condition, string>>;
  /** What follows the name or the number of databases in the headline: `is late`, `are late`. */
  readonly state: Readonly<Record<Condition | 'restoreTestFailed', (count: number) => string>>;
  readonly backupsFailing: (names: string) => string;
  readonly databases: (count: number) => string;
  readonly reason: Readonly<Record<Reason, string>>;
  /** What to do about a reason; commands follow. */
  readonly step: Readonly<Record<Reason, string>>;
  /** Instead of the source of the next backup. */
  readonly neverScheduled: string;
  /** A place on the axis of time without a run. */
  readonly noRun: string;
  readonly gaps: (count: number) => string;
  readonly kind: Readonly<Record<'full' | 'incremental', string>>;
  readonly verdict: Readonly<Record<Verdict, string>>;
  readonly fault: Readonly<Record<BackupFault['level'], string>>;
  readonly tone: Readonly<Record<RunTone, string>>;
  readonly operation: Readonly<Record<'backup' | 'restore-test', string>>;
  readonly plannedBy: Readonly<Record<NonNullable<DatabaseStatus['nextFrom']>, string>>;
  /** Where the next backup runs, when it is not the function `backup`. */
  readonly runsIn: Readonly<Record<'http' | 'job', string>>;
  readonly overview: {
    readonly empty: string;
    readonly emptyHint: string;
    readonly allBackedUp: (name: string, count: number) => string;
    /** `18 of 500 databases`. */
    readonly part: (count: number, total: number) => string;
    readonly othersFine: (count: number) => string;
    readonly tested: (passed: number, total: number) => string;
    readonly untested: string;
    readonly list: string;
    readonly filter: string;
    readonly apply: string;
    readonly showAll: string;
    readonly noMatch: (filter: string) => string;
    readonly moreDatabases: (count: number) => string;
    readonly pages: string;
    readonly previous: string;
    readonly next: string;
    readonly pageOf: (page: number, pages: number) => string;
  };
  readonly label: Readonly<
    Record<
      | 'skip'
      | 'updated'
      | 'store'
      | 'lastBackup'
      | 'lastFailure'
      | 'restoreTest'
      | 'nextBackup'
      | 'overdue'
      | 'kept'
      | 'size'
      | 'duration'
      | 'whatToDo'
      | 'noBackup'
      | 'noTest'
      | 'noNext'
      | 'passed'
      | 'failed'
      | 'legend'
      | 'json'
      | 'metrics'
      | 'wall'
      | 'list'
      | 'now'
      | 'backUpNow'
      | 'howToRestore'
      | 'step'
      | 'held'
      | 'back',
      string
    >
  >;
  readonly backups: (count: number) => string;
  readonly stored: (size: string) => string;
  readonly until: (date: string) => string;
  readonly restoredIn: (duration: string) => string;
  readonly runs: (count: number) => string;
  /** What a strip of runs shows, for screen readers. */
  readonly strip: (total: number, counts: Readonly<Record<RunTone, number>>) => string;
  readonly problems: (count: number) => string;
  readonly trend: (label: string, from: string, to: string, count: number) => string;
  readonly allRuns: (name: string) => string;
  readonly page: {
    readonly runs: string;
    readonly noRuns: string;
    readonly olderRuns: (count: number) => string;
    readonly size: string;
    readonly stored: string;
    readonly tooFew: string;
    readonly numbersInList: string;
    readonly rows: string;
    readonly rowsOf: (count: string) => string;
    readonly moreTables: (count: number) => string;
    readonly unchanged: string;
    readonly backups: string;
    readonly backupsHint: string;
    readonly chainOf: (date: string) => string;
    readonly incrementals: (count: number) => string;
    readonly basedOn: (id: string) => string;
    readonly baseNotListed: string;
    readonly restore: string;
    readonly restoreLatest: string;
    readonly restoreOf: (id: string) => string;
    readonly olderBackups: (count: number) => string;
    readonly restoreTests: string;
    readonly testOf: (date: string, size: string) => string;
    readonly manifest: string;
    readonly manifestOf: string;
    /** `from 1 MiB to 2 MiB, at most 3 MiB`. */
    readonly range: (first: string, last: string, highest: string) => string;
    readonly findBackup: string;
    readonly onDate: string;
    readonly find: string;
    readonly foundBackup: (date: string) => string;
    readonly noBackupBefore: (date: string) => string;
    readonly stopFirst: string;
    readonly isRunning: string;
  };
  readonly error: {
    readonly notFound: string;
    readonly noDatabase: (name: string) => string;
    readonly goToOverview: string;
    readonly usage: string;
    readonly refusedForm: string;
    /** In front of the English hint, like `advice`. */
    readonly refusedFormAdvice: () => string | undefined;
    readonly other: string;
    /** What to do about a code, in front of the English hint of the error. */
    readonly advice: (code: string) => string | undefined;
    readonly code: string;
  };
};
