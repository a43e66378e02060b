import { databasePage } from '../../core/status/page/database/database.ts';
import { errorPage, type PageError } from '../../core/status/page/error.ts';
import { pageHeaders } from '../../core/status/page/parts/headers.ts';
import type { PageOptions } from '../../core/status/page/parts/view.ts';
import { overviewPage } from '../../core/status/page/overview/overview.ts';
import type { DetailDocument, StatusDocument } from '../../core/documents/status.ts';
import type { Route } from './route.ts';
import type { ResponseContent } from './respond.ts';

/** Without a referrer, a browser does not say either which page sent a form. */
const WITH_FORM = { 'referrer-policy': 'same-origin' };

export function pageOf(
  document: StatusDocument | DetailDocument,
  route: Extract<Route, { kind: 'overview' | 'database' }>,
  options: PageOptions,
): ResponseContent {
  return page(
    () =>
      'databases' in document
        ? overviewPage(document, { ...options, ...(route.kind === 'overview' ? route.query : {}) })
        : databasePage(document, document.at, {
            ...options,
            on: route.kind === 'database' ? route.on : undefined,
          }),
    options.backUp ? WITH_FORM : {},
  );
}

export function errorPageOf(error: PageError, options: PageOptions): ResponseContent {
  return page(() => errorPage(error, options));
}

function page(body: () => string, more: Readonly<Record<string, string>> = {}): ResponseContent {
  return {
    body,
    type: 'text/html; charset=utf-8',
    headers: { ...pageHeaders(), ...more },
  };
}
