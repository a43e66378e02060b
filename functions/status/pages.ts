import type { LifeboatError } from '../../core/errors.ts';
import type { DetailDocument, StatusDocument } from '../../core/status-types.ts';
import type { Answer } from './respond.ts';

export type PageOptions = { readonly locale: 'en' | 'pt-BR'; readonly base: string; readonly store: string; readonly timeZone: string };

// The one place where pages are made: overviewPage, databasePage and errorPage of core/page are called here, with `pageHeaders()` as the headers.
// As long as these answer nothing, who asks for a page gets the JSON document.

export const pageOf = (_document: StatusDocument | DetailDocument, _filter: string, _options: PageOptions): Answer | undefined => undefined;

export const errorPageOf = (_error: LifeboatError, _options: PageOptions): Answer | undefined => undefined;
