import { formatTook } from '../../../lib/text/format.ts';
import type { DatabaseStatus } from '../../../documents/status.ts';
import { badge, facts, reasons } from '../parts/facts.ts';
import { absoluteText, prose, sizeText } from '../parts/values.ts';
import { html, type Markup } from '../parts/html.ts';
import type { PageView } from '../parts/view.ts';
import { databasePath, runAnchor } from '../parts/paths.ts';
import { countTones, isRestoreTest, runTone } from '../charts/tone.ts';
import { sparkline } from '../charts/sparkline.ts';
import { strip } from '../charts/strip.ts';
import { SLOTS } from '../charts/timeline.ts';
import { currentFailure, failureBox } from '../parts/failure.ts';
import { nextSteps } from '../parts/next-steps.ts';
import type { RunRecord } from '../../../documents/run.ts';

const MOST_LISTED = 5;
const MOST_LISTED_OF_MANY = 1;

type CardOptions = {
  /** A tooltip on each bar and up to five recent problems instead of one. */
  readonly detailed: boolean;
};

/** One database on the overview. */
export function card(view: PageView, database: DatabaseStatus, { detailed }: CardOptions): Markup {
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
    ${runs.length > 0 && html`<div class="pulse">${strip(view, runs, { tooltips: detailed, axis: true })} ${sparklines(view, runs)}</div>`}
    ${runs.length > 0 && recentProblems(view, database, detailed ? MOST_LISTED : MOST_LISTED_OF_MANY)}
    ${failure && failureBox(view, failure, 'current')} ${nextSteps(view, database)}
  </li>`;
}

/** The size and duration of the backups among the runs, as small lines. */
function sparklines(view: PageView, runs: readonly RunRecord[]): Markup | undefined {
  const backups = runs.filter((run) => run.ok && run.backup && !isRestoreTest(run)).slice(-SLOTS);
  if (backups.length === 0) return undefined;
  const { words } = view;
  const trend = (
    label: string,
    values: readonly number[],
    format: (value: number) => string,
  ): Markup => {
    const [first, last] = [format(values[0] ?? 0), format(values.at(-1) ?? 0)];
    return figure(label, last, sparkline(values, words.trend(label, first, last, values.length)));
  };
  return html`<div class="figures">
    ${trend(
      words.label.size,
      backups.map(({ backup }) => backup?.size ?? 0),
      (value) => sizeText(view, value),
    )}
    ${trend(
      words.label.duration,
      backups.map(({ durationMs }) => durationMs),
      (value) => formatTook(words, value),
    )}
  </div>`;
}

function figure(label: string, value: string, drawing: Markup): Markup {
  return html`<div class="figure">
    <p><span>${label}</span> <b>${value}</b></p>
    ${drawing}
  </div>`;
}

/**
 * For the keyboard, the problems that the strip shows: one stop for each database, with its latest
 * problems behind it.
 */
function recentProblems(view: PageView, database: DatabaseStatus, most: number): Markup {
  const { name, lastFailure } = database;
  const runs = database.runs.slice(-SLOTS);
  const counts = countTones(runs);
  const problems = runs
    .filter((run) => runTone(run) !== 'good')
    .slice(-most)
    .reverse();
  const olderFailure = problems.length === 0 && !currentFailure(database) && lastFailure;
  return html`<details class="lately">
    <summary>
      ${view.words.runs(runs.length)}, ${view.words.problems(counts.warn + counts.bad)}
    </summary>
    ${olderFailure && failureBox(view, olderFailure, 'past')}
    ${
      problems.length > 0 &&
      html`<ul>
        ${problems.map((run) => problemItem(view, name, run))}
      </ul>`
    }
    <p><a href="${databasePath(view.base, name)}#runs">${view.words.allRuns(name)}</a></p>
  </details>`;
}

function problemItem(view: PageView, name: string, run: RunRecord): Markup {
  return html`<li class="${runTone(run)}">
    <a href="${databasePath(view.base, name)}#${runAnchor(run.run)}"
      >${absoluteText(view, run.endedAt)}</a
    >
    ${view.words.tone[runTone(run)]}
    ${run.error && html` <code>${run.error.code}</code> <span lang="en">${prose(run.error.message)}</span> <span class="soft" lang="en">${prose(run.error.hint)}</span>`}
  </li>`;
}
