import type { Locale } from '../../../lib/text/format.ts';
import { pageEnglish } from '../words/en.ts';
import { pagePortuguese } from '../words/pt-br.ts';
import type { PageWords } from '../words/words.ts';

/** What a page needs besides its document. */
export type PageOptions = {
  readonly locale: Locale;
  /** The prefix of every link: empty in the cloud, `/status` under `lifeboat dev`. */
  readonly base: string;
  /** Where the backups are stored, as `--store` takes it. */
  readonly store: string;
  /** The zone of the times on the page; UTC by default. */
  readonly timeZone?: string | undefined;
  /** Of Lifeboat. */
  readonly version?: string | undefined;
  /** Where the page may start a backup of its database; undefined: the page shows the command. */
  readonly backUp?: BackUpForm | undefined;
};

export type BackUpForm = {
  /** Proves that the form comes from this page. */
  readonly token: string;
  /** Whether a backup is running, and another one has to wait. */
  readonly isRunning: boolean;
};

/** What every part of a page needs. */
export type PageView = {
  readonly words: PageWords;
  /** The moment of the document, ISO 8601. */
  readonly at: string;
  readonly base: string;
  readonly store: string;
  readonly timeZone: string;
  readonly version: string | undefined;
};

const PAGE_WORDS: Readonly<Record<Locale, PageWords>> = {
  en: pageEnglish,
  'pt-BR': pagePortuguese,
};

export function pageViewOf(
  { locale, base, store, timeZone = 'UTC', version }: PageOptions,
  at: string,
): PageView {
  return {
    words: PAGE_WORDS[locale],
    at,
    base,
    store,
    timeZone,
    version,
  };
}
