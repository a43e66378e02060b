import { databasePage } from '../../core/status/page/database/database.ts';
import { errorPage, type PageError } from '../../core/status/page/error.ts';
import { pageHeaders } from '../../core/status/page/parts/headers.ts';
import type { PageOptions } from '../../core/status/page/parts/view.ts';
import { overviewPage } from '../../core/status/page/overview/overview.ts';
import type { DetailDocument, StatusDocument } from '../../core/documents/status.ts';
import type { ResponseContent } from './respond.ts';

export function pageOf(
  document: StatusDocument | DetailDocument,
  filter: string,
  options: PageOptions,
): ResponseContent {
  return page(() =>
    'databases' in document
      ? overviewPage(document, { ...options, filter })
      : databasePage(document, document.at, options),
  );
}

export function errorPageOf(error: PageError, options: PageOptions): ResponseContent {
  return page(() => errorPage(error, options));
}

function page(body: () => string): ResponseContent {
  return {
    body,
    type: 'text/html; charset=utf-8',
    headers: pageHeaders(),
  };
}
