import type { Locale, Tongue } from '../../../lib/text/format.ts';
import type { HookedBackup } from '../hook.ts';
import type { Kind, ReportedProblem, ProblemGroup } from '../../notification.ts';

/** What a problem of kind `watch-alarm` is about; see `alarmOf`. */
export type Alarm =
  | 'bucket'
  | 'clock'
  | 'configuration'
  | 'holds'
  | 'inspection'
  | 'key'
  | 'objects'
  | 'other'
  | 'place'
  | 'restore-test'
  | 'restore-test-overdue'
  | 'run'
  | 'salvage'
  | 'schedule'
  | 'store'
  | 'unconfigured';

/** A headline and the sentences below it. */
export type AlarmWords = { readonly title: (database: string) => string; readonly lead: string };

/** A reason and what to do, in the words of a language. */
export type Explanation = { readonly reason: string; readonly advice: string };

/**
 * Every text of a notification. Each language has the same keys, by type.
 */
export type MessageWords = Tongue & {
  readonly locale: Locale;
  /** The headline, and the subject after the product's name. For digests it gets `several`. */
  readonly title: Readonly<Record<Kind, (database: string) => string>>;
  /** One or two calm sentences below the headline. */
  readonly lead: Readonly<Record<Kind, string>>;
  /** The lead of a failed run: what it means for earlier backups depends on the code. */
  readonly failedLead: (code: string) => string;
  /** The lead of a failed `hooks.after`: what became of the backup. */
  readonly hookLead: Readonly<Record<HookedBackup, string>>;
  readonly alarm: Readonly<Record<Alarm, AlarmWords>>;
  /** The lead of a recovery, with the date on which the problem began. */
  readonly resolved: (date: string) => string;
  /**
   * Reason and advice in this language. English has none: errors carry theirs. `database` may be a
   * placeholder.
   */
  readonly explain?: (
    problem: ReportedProblem,
    about: { readonly kind: Kind | ProblemGroup['kind']; readonly database: string },
  ) => Explanation;
  /** What to do, after the hint of the error. `backup` is the id of the last good one. */
  readonly advice: Readonly<
    Partial<Record<Kind, (about: { database: string; backup: string | undefined }) => string>>
  >;
  /** After the hint: the command that makes a backup now. */
  readonly backUpNow: (command: string) => string;
  /** After the hint: the command that restores the last good backup. */
  readonly goBack: (command: string) => string;
  /**
   * For a host whose schedule did not start a backup. It has the commands of every kind of schedule:
   * the watch that sends this may run on another machine than the backups.
   */
  readonly checkSchedule: string;
  /** The reason in a row of a restore test. English has none: rows carry theirs. */
  readonly explainRow?: (message: string) => string;
  /** What to do after a restore test in which these databases failed, line by line. */
  readonly verifyFailed: (databases: readonly string[]) => readonly string[];
  readonly label: Readonly<
    Record<
      | 'database'
      | 'databases'
      | 'step'
      | 'check'
      | 'why'
      | 'code'
      | 'original'
      | 'at'
      | 'since'
      | 'failedSince'
      | 'lastGood'
      | 'run'
      | 'whatToDo'
      | 'nextTry'
      | 'machine'
      | 'store'
      | 'details'
      | 'openLog'
      | 'openPage'
      | 'howToRestore'
      | 'result'
      | 'backup'
      | 'passed'
      | 'failed'
      | 'failedBefore',
      string
    >
  >;
  /** The names of a tone, for screen readers and plain text. */
  readonly tone: Readonly<Record<'bad' | 'warn' | 'good' | 'info', string>>;
  readonly noGoodBackup: string;
  readonly flapping: string;
  /** `20 hours` -> `20 hours ago`. */
  readonly ago: (duration: string) => string;
  /** `20 hours` -> `in 20 hours`. */
  readonly in: (duration: string) => string;
  readonly tested: (passed: number, total: number) => string;
  /** Those of a restore test that are folded; `others` when some failed. */
  readonly passed: (count: number, others: boolean) => string;
  /** `3 databases`. */
  readonly several: (count: number) => string;
  readonly more: (count: number) => string;
  readonly moreDatabases: (count: number) => string;
  /** `backup failed on 10.0.0.5`: where a group of databases has its problem. */
  readonly onHost: (title: string, host: string) => string;
  /** Stands for the name of each database of a group. */
  readonly placeholder: string;
  readonly sentBy: (tool: string) => string;
};
