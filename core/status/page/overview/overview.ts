import type { Condition, StatusDocument } from '../../../documents/status.ts';
import { prose } from '../parts/values.ts';
import { frame } from '../parts/frame.ts';
import { html, type Markup } from '../parts/html.ts';
import { icon } from '../parts/icons.ts';
import { pageViewOf, type PageOptions, type PageView } from '../parts/view.ts';
import { selectDatabases, WORST_FIRST, type OverviewSelection } from './filter.ts';
import { FILTER, overviewPath, STATE_PARAMETER, type OverviewQuery } from '../parts/paths.ts';
import { card } from './card.ts';
import { legend } from '../charts/strip.ts';
import { headline, lead } from './headline.ts';
import { groupCard } from './group.ts';
import { groupedByFailure, type OverviewEntry } from './same-failure.ts';
import { pager } from './pager.ts';
import { row } from './row.ts';
import { MOST_TILES, wall } from './wall.ts';

// With more databases, a tooltip on each bar would make the page several times as large.
const MOST_DETAILED = 25;
// With more databases, one that is good takes a line instead of a card.
const MOST_CARDS = 12;
// With fewer databases, a filter is longer than what it filters.
const LEAST_FILTERED = 5;

/** The page of all databases: the headline, then an entry for each, the worst first. */
export function overviewPage(
  document: StatusDocument,
  options: PageOptions & OverviewQuery,
): string {
  const view = pageViewOf(options, document.at);
  const { words } = view;
  const query: OverviewQuery = { ...options, filter: (options.filter ?? '').trim().slice(0, 200) };
  const isWall = query.view === 'wall';
  const selection = selectDatabases(document.databases, query, isWall ? MOST_TILES : undefined);
  const total = document.databases.length;
  const main = html`<section class="verdict ${document.condition}">
      ${icon(document.condition)}
      <div>
        <h1>${headline(view, document)}</h1>
        <p>${prose(lead(view, document))}</p>
      </div>
    </section>
    ${
      total > 0 &&
      html`<section aria-labelledby="databases">
        <div class="bar-above">
          <h2 id="databases">${words.overview.list}</h2>
          ${total > 1 && counts(view, document, query)}
          ${!isWall && tools(view, query, selection, total)}
        </div>
        ${isWall ? wall(view, selection.databases, selection.count) : databaseList(view, query, selection)}
      </section>`
    }`;
  return frame(view, {
    title: headline(view, document),
    condition: document.condition,
    main,
    look: isWall ? 'wall' : undefined,
    foot: footLinks(view, query),
  });
}

function databaseList(view: PageView, query: OverviewQuery, selection: OverviewSelection): Markup {
  const { databases, count } = selection;
  if (count === 0)
    return html`<p class="empty">${view.words.overview.noMatch(query.filter ?? '')}</p>`;
  const detailed = databases.length <= MOST_DETAILED;
  const isCompact = count > MOST_CARDS;
  const entry = (each: OverviewEntry): Markup => {
    if ('failure' in each) return groupCard(view, each);
    return isCompact && each.condition === 'good'
      ? row(view, each)
      : card(view, each, { detailed });
  };
  return html`<ul class="cards">
      ${groupedByFailure(databases).map(entry)}
    </ul>
    ${pager(view, query, selection)} ${legend(view)}`;
}

function counts(
  { words, base }: PageView,
  { databases }: StatusDocument,
  query: OverviewQuery,
): Markup {
  const all = WORST_FIRST.map(
    (condition) =>
      [condition, databases.filter((database) => database.condition === condition).length] as const,
  );
  const pill = (condition: Condition, count: number): Markup =>
    html`<li>
      <a
        class="badge ${condition}"
        href="${overviewPath(base, { ...query, state: condition, page: 1 })}"
        ${query.state === condition && html`aria-current="true"`}
        >${icon(condition)}<b>${count}</b> ${words.condition[condition]}</a
      >
    </li>`;
  return html`<ul class="counts">
    ${all.map(([condition, count]) => count > 0 && pill(condition, count))}
  </ul>`;
}

function tools(
  view: PageView,
  query: OverviewQuery,
  { count }: OverviewSelection,
  total: number,
): Markup | undefined {
  const isFiltered = query.filter !== '' || query.state !== undefined;
  if (total < LEAST_FILTERED && !isFiltered) return undefined;
  return filterForm(view, query, isFiltered && view.words.overview.part(count, total));
}

function filterForm(
  { words, base }: PageView,
  { filter, state }: OverviewQuery,
  shown: string | false,
): Markup {
  return html`<form class="filter" method="get" action="${overviewPath(base)}" role="search">
    <label for="filter">${words.overview.filter}</label>
    <input
      id="filter"
      name="${FILTER}"
      type="search"
      value="${filter}"
      autocomplete="off"
      spellcheck="false"
    />
    ${state !== undefined && html`<input type="hidden" name="${STATE_PARAMETER}" value="${state}" />`}
    <button type="submit">${words.overview.apply}</button>
    ${shown !== false && html`<a href="${overviewPath(base)}">${words.overview.showAll}</a> <span class="soft">${shown}</span>`}
  </form>`;
}

function footLinks({ words, base }: PageView, { view }: OverviewQuery): Markup {
  const { label } = words;
  return html`<p>
    ${view === 'wall' ? html`<a href="${overviewPath(base)}">${label.list}</a>` : html`<a href="${overviewPath(base, { view: 'wall' })}&amp;refresh=60">${label.wall}</a>`}
    <a href="${overviewPath(base)}?format=json">${label.json}</a>
    <a href="${base}/metrics">${label.metrics}</a>
  </p>`;
}
