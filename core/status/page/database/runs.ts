import { formatTook } from '../../../lib/text/format.ts';
import { absoluteText, cells, dotted, prose, sizeText } from '../parts/values.ts';
import { html, type Markup } from '../parts/html.ts';
import type { PageView } from '../parts/view.ts';
import { runAnchor } from '../parts/paths.ts';
import { isRestoreTest, runTone } from '../charts/tone.ts';
import { legend, strip } from '../charts/strip.ts';
import type { RunRecord } from '../../../documents/run.ts';

const OPEN_RUNS = 6;

/** The last runs as a strip and as a list, newest first. */
export function runsSection(view: PageView, runs: readonly RunRecord[]): Markup {
  const { page } = view.words;
  const newest = runs.toReversed();
  const list = (shown: readonly RunRecord[]): Markup =>
    html`<ol class="runs">
      ${shown.map((run) => runRow(view, run))}
    </ol>`;
  const rest = newest.slice(OPEN_RUNS);
  return html`<section class="panel" aria-labelledby="runs">
    <h2 id="runs">${page.runs}</h2>
    ${runs.length === 0 ? html`<p class="soft">${page.noRuns}</p>` : html`<div class="wide">${strip(view, runs, { tooltips: true, axis: true })}${legend(view)}</div>`}
    ${runs.length > 0 && list(newest.slice(0, OPEN_RUNS))}
    ${
      rest.length > 0 &&
      html`<details class="rest">
        <summary>${page.olderRuns(rest.length)}</summary>
        ${list(rest)}
      </details>`
    }
  </section>`;
}

/** The restore tests, newest first. `last` describes the latest one and its backup. */
export function testsSection(view: PageView, runs: readonly RunRecord[], last: Markup): Markup {
  const tests = runs.filter(isRestoreTest).toReversed();
  const { page, label } = view.words;
  return html`<section class="panel" aria-labelledby="tests">
    <h2 id="tests">${page.restoreTests}</h2>
    ${last}
    ${
      tests.length === 0 && last.toString() === ''
        ? html`<p class="soft">${label.noTest}</p>`
        : html`<ol class="runs">
            ${tests.map((run) => testRow(view, run))}
          </ol>`
    }
  </section>`;
}

function runRow(view: PageView, run: RunRecord): Markup {
  const { words } = view;
  const { error, backup } = run;
  const tone = runTone(run);
  return html`<li class="run" id="${runAnchor(run.run)}">
    <p class="when">${absoluteText(view, run.endedAt)}</p>
    <p>
      ${dotted([isRestoreTest(run) ? words.operation['restore-test'] : words.operation.backup, !isRestoreTest(run) && run.reason])}
    </p>
    <p><span class="mark ${tone}">${words.tone[tone]}</span></p>
    ${cells([formatTook(words, run.durationMs), backup && sizeText(view, backup.size), backup && words.stored(sizeText(view, backup.storedBytes))])}
    ${
      error &&
      html`<div class="why" lang="en">
        <p>
          ${dotted([html`<code>${error.code}</code>`, error.step !== undefined && html`<code>${error.step}</code>`])}
          ${prose(error.message)}
        </p>
        ${error.hint && html`<p class="soft">${prose(error.hint)}</p>`}
      </div>`
    }
  </li>`;
}

function testRow(view: PageView, run: RunRecord): Markup {
  const { label } = view.words;
  return html`<li class="run">
    <p class="when">${absoluteText(view, run.endedAt)}</p>
    <p>
      <span class="mark ${run.ok ? 'good' : 'bad'}">${run.ok ? label.passed : label.failed}</span>
    </p>
    <p class="soft">${formatTook(view.words, run.durationMs)}</p>
    ${run.error && html`<p class="why" lang="en">${prose(run.error.message)}</p>`}
  </li>`;
}
