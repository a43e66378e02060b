import { html, type Markup } from '../parts/html.ts';
import { badge } from '../parts/facts.ts';
import { failureBox } from '../parts/failure.ts';
import { databasePath } from '../parts/paths.ts';
import type { PageView } from '../parts/view.ts';
import type { SameFailure } from './same-failure.ts';

/** Several databases that fail for one reason, with the reason once. */
export function groupCard(view: PageView, { failure, databases }: SameFailure): Markup {
  const [first] = databases;
  return html`<li class="card group ${first?.condition ?? 'failing'}">
    <div class="who">
      <h3>${view.words.databases(databases.length)}</h3>
      ${first && badge(view, first)}
    </div>
    <ul class="names">
      ${databases.map(
        ({ name }) =>
          html`<li>
            <a href="${databasePath(view.base, name)}"><bdi>${name}</bdi></a>
          </li> `,
      )}
    </ul>
    ${failureBox(view, failure, 'current')}
  </li>`;
}
