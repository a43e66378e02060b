import type { StatusDocument } from '../../../documents/status.ts';
import { prose } from '../parts/values.ts';
import { frame } from '../parts/frame.ts';
import { html, type Markup } from '../parts/html.ts';
import { icon } from '../parts/icons.ts';
import { pageViewOf, type PageOptions, type PageView } from '../parts/view.ts';
import { worstFirst } from '../../condition.ts';
import { filtered, WORST_FIRST } from './filter.ts';
import { FILTER, overviewPath } from '../parts/paths.ts';
import { card } from './card.ts';
import { legend } from '../charts/strip.ts';
import { headline, lead } from './headline.ts';

// With more databases, a tooltip on each bar would make the page several times as large.
const MOST_DETAILED = 25;

/** The page of all databases: the headline, then a card for each, the worst first. */
export function overviewPage(
  document: StatusDocument,
  options: PageOptions & { readonly filter?: string | undefined },
): string {
  const view = pageViewOf(options, document.at);
  const { words } = view;
  const { overview, label } = words;
  const filter = (options.filter ?? '').trim().slice(0, 200);
  const visibleDatabases = worstFirst(filtered(document.databases, filter));
  const total = document.databases.length;
  const list =
    visibleDatabases.length === 0
      ? total > 0 && html`<p class="empty">${overview.noMatch(filter)}</p>`
      : html`<ul class="cards">
            ${visibleDatabases.map((database) => card(view, database, { detailed: visibleDatabases.length <= MOST_DETAILED }))}
          </ul>
          ${legend(view)}`;
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
          <h2 id="databases">${overview.list}</h2>
          ${counts(view, document)}
          ${filterForm(view, filter, words.overview.part(visibleDatabases.length, total))}
        </div>
        ${list}
      </section>`
    }`;
  return frame(view, {
    title: headline(view, document),
    condition: document.condition,
    main,
    foot: html`<p>
      <a href="${overviewPath(view.base)}?format=json">${label.json}</a>
      <a href="${view.base}/metrics">${label.metrics}</a>
    </p>`,
  });
}

function counts({ words }: PageView, { databases }: StatusDocument): Markup {
  const all = WORST_FIRST.map(
    (condition) =>
      [condition, databases.filter((database) => database.condition === condition).length] as const,
  );
  return html`<ul class="counts">
    ${all.map(([condition, count]) => count > 0 && html`<li class="badge ${condition}">${icon(condition)}<b>${count}</b> ${words.condition[condition]}</li>`)}
  </ul>`;
}

function filterForm({ words, base }: PageView, filter: string, shown: string): Markup {
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
    <button type="submit">${words.overview.apply}</button>
    ${filter !== '' && html`<a href="${overviewPath(base)}">${words.overview.showAll}</a> <span class="soft">${shown}</span>`}
  </form>`;
}
