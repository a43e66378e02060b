import { html, type Markup } from '../parts/html.ts';
import type { DatabaseStatus } from '../../../documents/status.ts';
import { badge } from '../parts/facts.ts';
import { databasePath } from '../parts/paths.ts';
import { relativeText, sizeText } from '../parts/values.ts';
import type { PageView } from '../parts/view.ts';
import { strip } from '../charts/strip.ts';

/** A good database in one line, where there are many. */
export function row(view: PageView, database: DatabaseStatus): Markup {
  const { name, lastBackup, runs } = database;
  return html`<li class="row ${database.condition}">
    <h3>
      <a href="${databasePath(view.base, name)}"><bdi>${name}</bdi></a>
    </h3>
    ${badge(view, database)}
    <p>${lastBackup && relativeText(view, lastBackup.takenAt)}</p>
    <p class="soft">${lastBackup && sizeText(view, lastBackup.size)}</p>
    ${runs.length > 0 && strip(view, runs, { tooltips: false })}
  </li>`;
}
