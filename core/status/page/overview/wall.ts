import { html, type Markup } from '../parts/html.ts';
import type { DatabaseStatus } from '../../../documents/status.ts';
import { badge, reasons } from '../parts/facts.ts';
import { databasePath } from '../parts/paths.ts';
import { relativeText } from '../parts/values.ts';
import type { PageView } from '../parts/view.ts';

// As many as a display of 1920 by 1080 shows without scrolling.
export const MOST_TILES = 18;

/** A tile for each database: what can be read across a room, and nothing to click through. */
export function wall(view: PageView, databases: readonly DatabaseStatus[], count: number): Markup {
  const more = count - databases.length;
  return html`<ul class="tiles">
      ${databases.map((database) => tile(view, database))}
    </ul>
    ${more > 0 && html`<p class="soft">${view.words.overview.moreDatabases(more)}</p>`}`;
}

function tile(view: PageView, database: DatabaseStatus): Markup {
  const { name, condition, lastBackup } = database;
  return html`<li class="tile ${condition}">
    <h3>
      <a href="${databasePath(view.base, name)}"><bdi>${name}</bdi></a>
    </h3>
    ${badge(view, database)}
    <p class="age">
      ${lastBackup ? relativeText(view, lastBackup.takenAt) : view.words.label.noBackup}
    </p>
    ${condition !== 'good' && reasons(view, database)}
  </li>`;
}
