import { formatTook } from '../../../lib/format.ts';
import type { DatabaseStatus } from '../../../documents/status.ts';
import { badge, facts, reasons } from '../parts/facts.ts';
import { absolute, prose, size } from '../parts/values.ts';
import { html, type Markup } from '../parts/html.ts';
import type { View } from '../parts/view.ts';
import { databasePath, runAnchor } from '../parts/paths.ts';
import { countTones, isRestoreTest, toneOf } from '../charts/tone.ts';
import { sparkline } from '../charts/sparkline.ts';
import { SLOTS, strip } from '../charts/strip.ts';
import { currentFailure, trouble } from '../parts/failure.ts';
import type { RunRecord } from '../../../documents/run.ts';

const MOST_LISTED = 5;
const MOST_LISTED_OF_MANY = 1;

/** Size and duration of the backups among the runs, drawn small. */
export function sparklines({ words }: View, runs: readonly RunRecord[]): Markup | undefined {
  const made = runs.filter((run) => run.ok && run.backup && !isRestoreTest(run)).slice(-SLOTS);
  if (made.length === 0) return undefined;
  const one = (label: string, values: readonly number[], text: (value: number) => string) =>
    figure(
      label,
      text(values.at(-1) ?? 0),
      sparkline(
        values,
        words.trend(label, text(values[0] ?? 0), text(values.at(-1) ?? 0), values.length),
      ),
    );
  return html`<div class="figures">
    ${one(
      words.label.size,
      made.map(({ backup }) => backup?.size ?? 0),
      (value) => size({ words } as View, value),
    )}
    ${one(
      words.label.duration,
      made.map(({ durationMs }) => durationMs),
      (value) => formatTook(words, value),
    )}
  </div>`;
}

/** A database at a glance. `each` as for `strip`. */
export function row(view: View, database: DatabaseStatus, each: boolean): Markup {
  const { name, condition, runs } = database;
  const failure = currentFailure(database);
  return html`<li class="card ${condition}">
    <div class="who">
      <h3>
        <a href="${databasePath(view.base, name)}"><bdi>${name}</bdi></a>
      </h3>
      ${badge(view, database)} ${reasons(view, database)}
    </div>
    ${facts(view, database)}
    ${runs.length > 0 && html`<div class="pulse">${strip(view, runs, each)} ${sparklines(view, runs)}</div>`}
    ${runs.length > 0 && lately(view, database, failure !== undefined, each ? MOST_LISTED : MOST_LISTED_OF_MANY)}
    ${failure && trouble(view, failure, 'current')}
  </li>`;
}

function figure(label: string, value: string, drawing: Markup): Markup {
  return html`<div class="figure">
    <p><span>${label}</span> <b>${value}</b></p>
    ${drawing}
  </div>`;
}

/** What the strip shows, for the keyboard: one stop for each database, and behind it the last runs that were not good. */
function lately(
  view: View,
  { name, runs, lastFailure }: DatabaseStatus,
  told: boolean,
  most: number,
): Markup {
  const shown = runs.slice(-SLOTS);
  const counts = countTones(shown);
  const odd = shown
    .filter((run) => toneOf(run) !== 'good')
    .slice(-most)
    .reverse();
  return html`<details class="lately">
    <summary>
      ${view.words.runs(shown.length)}, ${view.words.notGood(counts.warn + counts.bad)}
    </summary>
    ${!told && lastFailure && odd.length === 0 && trouble(view, lastFailure, 'past')}
    ${
      odd.length > 0 &&
      html`<ul>
        ${odd.map((run) => listed(view, name, run))}
      </ul>`
    }
    <p><a href="${databasePath(view.base, name)}#runs">${view.words.allRuns(name)}</a></p>
  </details>`;
}

function listed(view: View, name: string, run: RunRecord): Markup {
  return html`<li class="${toneOf(run)}">
    <a href="${databasePath(view.base, name)}#${runAnchor(run.run)}"
      >${absolute(view, run.endedAt)}</a
    >
    ${view.words.tone[toneOf(run)]}
    ${run.error && html` <code>${run.error.code}</code> <span lang="en">${prose(run.error.message)}</span> <span class="soft" lang="en">${prose(run.error.hint)}</span>`}
  </li>`;
}
