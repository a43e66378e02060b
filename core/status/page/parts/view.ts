import type { Locale } from '../../../lib/format.ts';
import { en } from '../words/en.ts';
import { ptBr } from '../words/pt-br.ts';
import type { Words } from '../words/words.ts';

/** What a page needs besides its document. */
export type PageOptions = {
  readonly locale: Locale;
  /** The prefix of every link: empty in the cloud, `/status` under `lifeboat dev`. */
  readonly base: string;
  /** Where the backups are stored, as `--store` takes it. */
  readonly store: string;
  /** The zone of the times on the page; UTC by default. */
  readonly timeZone?: string | undefined;
};

/** What every part of a page needs. */
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
