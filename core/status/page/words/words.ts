import type { Locale, Tongue } from '../../../lib/format.ts';
import type { Verdict } from '../../../sqlite/types.ts';
import type { Condition, DatabaseStatus, Reason } from '../../../documents/status.ts';
import type { Tone } from '../charts/tone.ts';

/** Everything the pages say that is not a name, a figure or an error's own text. Each language has the same keys by type. */
export type Words = Tongue & {
  readonly locale: Locale;
  readonly condition: Readonly<Record<Condition, string>>;
  /** A part of the overall sentence, about databases by name or by number. */
  readonly are: Readonly<Record<Condition, (subject: string, count: number) => string>>;
  readonly databases: (count: number) => string;
  readonly reason: Readonly<Record<Reason, string>>;
  readonly kind: Readonly<Record<'full' | 'incremental', string>>;
  readonly verdict: Readonly<Record<Verdict, string>>;
  readonly tone: Readonly<Record<Tone, string>>;
  readonly operation: Readonly<Record<'backup' | 'restore-test', string>>;
  readonly from: Readonly<Record<NonNullable<DatabaseStatus['nextFrom']>, string>>;
  readonly overview: {
    readonly nothing: string;
    readonly nothingHint: string;
    readonly good: (subject: string, count: number) => string;
    readonly rest: (count: number) => string;
    readonly tested: (passed: number, total: number) => string;
    readonly testedAll: (count: number) => string;
    readonly untested: string;
    readonly list: string;
    readonly filter: string;
    readonly apply: string;
    readonly showAll: string;
    readonly matching: (shown: number, total: number) => string;
    readonly noMatch: (filter: string) => string;
  };
  readonly label: Readonly<
    Record<
      | 'skip'
      | 'asOf'
      | 'store'
      | 'lastBackup'
      | 'lastFailure'
      | 'restoreTest'
      | 'nextBackup'
      | 'wasDue'
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
      | 'step'
      | 'held'
      | 'back',
      string
    >
  >;
  readonly backups: (count: number) => string;
  readonly stored: (size: string) => string;
  readonly until: (date: string) => string;
  readonly restoredIn: (took: string) => string;
  readonly by: (who: string) => string;
  readonly runs: (count: number) => string;
  /** What a strip shows, in words. */
  readonly strip: (total: number, counts: Readonly<Record<Tone, number>>) => string;
  readonly notGood: (count: number) => string;
  readonly trend: (label: string, from: string, to: string, count: number) => string;
  readonly allRuns: (name: string) => string;
  readonly page: {
    readonly runs: string;
    readonly noRuns: string;
    readonly olderRuns: (count: number) => string;
    readonly size: string;
    readonly stored: string;
    readonly tooFew: string;
    readonly inTable: string;
    readonly rows: string;
    readonly rowsOf: (count: string) => string;
    readonly moreTables: (count: number) => string;
    readonly same: string;
    readonly backups: string;
    readonly backupsHint: string;
    readonly chainOf: (date: string) => string;
    readonly increments: (count: number) => string;
    readonly hangsOn: (id: string) => string;
    readonly baseElsewhere: string;
    readonly restore: string;
    readonly restoreNewest: string;
    readonly restoreOf: (id: string) => string;
    readonly olderBackups: (count: number) => string;
    readonly restoreTests: string;
    readonly testOf: (date: string, size: string) => string;
    readonly manifest: string;
    readonly manifestOf: string;
  };
  readonly error: { readonly notFound: string; readonly other: string; readonly code: string };
};
