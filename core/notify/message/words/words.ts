import type { Locale, Tongue } from '../../../lib/format.ts';
import type { Kind } from '../../notification.ts';

/**
 * Every text of a notification except the message and the hint of an error. Each language has the
 * same keys, by type.
 */
export type Words = Tongue & {
  readonly locale: Locale;
  /** The headline, and the subject after the product's name. */
  readonly title: Readonly<Record<Kind, (database: string) => string>>;
  /** One or two calm sentences below the headline. */
  readonly lead: Readonly<Record<Kind, string>>;
  /** The lead of a recovery, with the date on which the problem began. */
  readonly resolved: (date: string) => string;
  /** What to do, after the hint of the error. */
  readonly advice: Readonly<Partial<Record<Kind, (database: string) => string>>>;
  readonly label: Readonly<
    Record<
      | 'database'
      | 'step'
      | 'check'
      | 'why'
      | 'code'
      | 'at'
      | 'since'
      | 'failedSince'
      | 'lastGood'
      | 'run'
      | 'whatToDo'
      | 'openLog'
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
  readonly tested: (passed: number, total: number) => string;
  readonly more: (count: number) => string;
  readonly sentBy: (tool: string) => string;
};
