import { html, type Markup } from '../parts/html.ts';
import { overviewPath, type OverviewQuery } from '../parts/paths.ts';
import type { PageView } from '../parts/view.ts';
import type { OverviewSelection } from './filter.ts';

/** The way to the other pages; nothing where there is one page. */
export function pager(
  { words, base }: PageView,
  query: OverviewQuery,
  { page, pages }: OverviewSelection,
): Markup | undefined {
  if (pages === 1) return undefined;
  const { previous, next, pageOf } = words.overview;
  const link = (to: number, rel: 'prev' | 'next', text: string): Markup =>
    html`<a rel="${rel}" href="${overviewPath(base, { ...query, page: to })}">${text}</a>`;
  return html`<nav class="pager" aria-label="${words.overview.pages}">
    ${page > 1 && link(page - 1, 'prev', previous)} <span>${pageOf(page, pages)}</span>
    ${page < pages && link(page + 1, 'next', next)}
  </nav>`;
}
