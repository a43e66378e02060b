import type { Locale } from '../../../lib/format.ts';
import { en } from '../words/en.ts';
import { ptBr } from '../words/pt-br.ts';
import type { Words } from '../words/words.ts';

/** What a page is told besides its data. */
export type PageOptions = {
  readonly locale: Locale;
  /** What stands before every path of the pages: nothing in the cloud, `/status` under `lifeboat dev`. */
  readonly base: string;
  /** Where the backups are, as `--store` takes it. */
  readonly store: string;
  /** Of the times that are shown; UTC when absent. */
  readonly timeZone?: string | undefined;
};

/** What every part of a page needs: the words, the clock and the way. */
export type View = {
  readonly words: Words;
  /** The moment of the document, ISO 8601. */
  readonly at: string;
  readonly base: string;
  readonly store: string;
  readonly timeZone: string;
};

const WORDS: Readonly<Record<Locale, Words>> = { en, 'pt-BR': ptBr };

export function viewOf({ locale, base, store, timeZone = 'UTC' }: PageOptions, at: string): View {
  return {
    words: WORDS[locale],
    at,
    base,
    store,
    timeZone,
  };
}
