import { formatNumber } from '../../../lib/text/format.ts';
import type { HistoryEntry } from '../../../documents/status.ts';
import { html, type Markup } from '../parts/html.ts';
import type { PageView } from '../parts/view.ts';
import { sparkline } from '../charts/sparkline.ts';

const MOST_CHARTS = 8;
const MOST_POINTS = 90;

/**
 * The rows of the largest tables over time, each on its own scale: ten rows matter as much as a
 * million.
 */
export function tablesSection(
  view: PageView,
  history: readonly HistoryEntry[],
): Markup | undefined {
  const { words } = view;
  const { page } = words;
  const newest = history[0]?.rows ?? {};
  const byRows = Object.entries(newest).sort(
    ([a, many], [b, few]) => few - many || (a < b ? -1 : 1),
  );
  if (byRows.length === 0) return undefined;
  const figure = ([table, rows]: [string, number]): Markup => {
    const values = history
      .slice(0, MOST_POINTS)
      .toReversed()
      .flatMap((entry) => (Object.hasOwn(entry.rows, table) ? [entry.rows[table] ?? 0] : []));
    const first = values[0] ?? rows;
    const change = rows - first;
    const text =
      change === 0
        ? page.unchanged
        : `${change > 0 ? '+' : '−'}${formatNumber(words, Math.abs(change))}`;
    return html`<li class="figure">
      <p><code>${table}</code> <b>${formatNumber(words, rows)}</b></p>
      ${sparkline(values, words.trend(table, page.rowsOf(formatNumber(words, first)), page.rowsOf(formatNumber(words, rows)), values.length))}
      <p><span>${text}</span></p>
    </li>`;
  };
  return html`<section class="panel" aria-labelledby="rows">
    <h2 id="rows">${page.rows}</h2>
    <ul class="tables">
      ${byRows.slice(0, MOST_CHARTS).map(figure)}
    </ul>
    ${byRows.length > MOST_CHARTS && html`<p class="soft">${page.moreTables(byRows.length - MOST_CHARTS)}</p>`}
  </section>`;
}
