import type { Locale, Tongue } from '../../../lib/format.ts';
import type { Kind } from '../../notification.ts';

/** Everything a notification says that is not an error's own text. Each language has the same keys by type. */
export type Words = Tongue & {
  readonly locale: Locale;
  /** What happened, of which database: the headline, and the subject after the product's name. */
  readonly title: Readonly<Record<Kind, (name: string) => string>>;
  /** One calm sentence or two below the headline. */
  readonly lead: Readonly<Record<Kind, string>>;
  /** What to do, besides the hint of the error. */
  readonly advice: Readonly<Record<Kind, readonly string[]>>;
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
      | 'took'
      | 'reason'
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
