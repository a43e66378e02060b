import { formatTook } from '../../../lib/text/format.ts';
import type { DatabaseDetail, HistoryEntry } from '../../../documents/status.ts';
import { backUpSection } from './back-up.ts';
import { backupsSection } from './backups.ts';
import { chart, type Point } from '../charts/chart.ts';
import { badge, facts, reasons } from '../parts/facts.ts';
import { absoluteText, dateText, dotted, prose, sizeText } from '../parts/values.ts';
import { frame } from '../parts/frame.ts';
import { html, type Markup } from '../parts/html.ts';
import { pageViewOf, type PageOptions, type PageView } from '../parts/view.ts';
import { overviewPath } from '../parts/paths.ts';
import { restoreCommand } from './restore-command.ts';
import { runsSection, testsSection } from './runs.ts';
import { tablesSection } from './rows.ts';
import { currentFailure, failureBox } from '../parts/failure.ts';
import { nextSteps } from '../parts/next-steps.ts';
import { byDateSection } from './by-date.ts';
import type { RunRecord } from '../../../documents/run.ts';

/** The page of one database. `at` is the moment of its document. */
export function databasePage(
  detail: DatabaseDetail,
  at: string,
  options: PageOptions & { readonly on?: string | undefined },
): string {
  const view = pageViewOf(options, at);
  const { words, base } = view;
  const newest = detail.lastBackup;
  const main = html`<nav class="back">
      <a href="${overviewPath(base)}">← ${words.label.back}</a>
    </nav>
    <section class="one ${detail.condition}">
      <div class="who">
        <h1><bdi>${detail.name}</bdi></h1>
        ${badge(view, detail)} ${reasons(view, detail)}
      </div>
      ${facts(view, detail)}
      ${detail.lastFailure && failureBox(view, detail.lastFailure, currentFailure(detail) ? 'current' : 'past')}
      ${nextSteps(view, detail)}
      ${
        newest &&
        html`<div class="newest">
          <h2>${words.page.restoreLatest}</h2>
          <pre><code>${restoreCommand(detail.name, newest.id, view.store)}</code></pre>
          <p class="soft">${words.page.stopFirst}</p>
        </div>`
      }
      ${backUpSection(view, detail.name, options.backUp)}
    </section>
    ${detail.history.length > 0 && byDateSection(view, detail, options.on)}
    ${runsSection(view, detail.runs)}
    ${detail.history.length > 0 && chartsSection(view, detail.history)}
    ${tablesSection(view, detail.history)} ${backupsSection(view, detail.history)}
    ${testsSection(
      view,
      detail.runs.filter((run) => !isRunOf(run, detail.lastRestoreTest)),
      lastTest(view, detail),
    )}
    ${detail.manifest !== null && detail.manifest !== undefined && manifestSection(view, detail.manifest)}`;
  return frame(view, {
    title: `${detail.name}: ${words.condition[detail.condition]}`,
    condition: detail.condition,
    main,
  });
}

function chartsSection(view: PageView, history: readonly HistoryEntry[]): Markup {
  const { words } = view;
  const { page, kind } = words;
  const oldestFirst = history
    .toReversed()
    .filter(({ takenAt }) => !Number.isNaN(Date.parse(takenAt)));
  const points = (value: (entry: HistoryEntry) => number): Point[] =>
    oldestFirst.map((entry) => ({
      at: Date.parse(entry.takenAt),
      value: value(entry),
      strong: entry.kind === 'full',
      text: `${dateText(view, entry.takenAt)} · ${kind[entry.kind]} · ${sizeText(view, value(entry))}`,
    }));
  const figure = (
    title: string,
    form: 'line' | 'bars',
    value: (entry: HistoryEntry) => number,
  ): Markup => {
    const all = points(value);
    if (all.length < 2)
      return html`<figure class="chart">
        <figcaption>${title}</figcaption>
        <p class="soft">${page.tooFew}</p>
      </figure>`;
    const text = `${words.trend(title, sizeText(view, all[0]?.value ?? 0), sizeText(view, all.at(-1)?.value ?? 0), all.length)}. ${page.numbersInList}`;
    const day = (at: number) => dateText(view, new Date(at).toISOString());
    const range = page.range(
      sizeText(view, all[0]?.value ?? 0),
      sizeText(view, all.at(-1)?.value ?? 0),
      sizeText(view, Math.max(...all.map(({ value: bytes }) => bytes))),
    );
    const tick = (bytes: number): string => sizeText(view, bytes);
    return chart({ title, range, points: all, form, tick, day, text });
  };
  return html`<section class="panel charts">
    ${figure(page.size, 'line', (entry) => entry.size)}
    ${figure(page.stored, 'bars', ({ storedBytes }) => storedBytes)}
  </section>`;
}

/** Whether it is the run of the test that is described above the list. */
function isRunOf(
  { startedAt, endedAt }: RunRecord,
  test: DatabaseDetail['lastRestoreTest'],
): boolean {
  return test !== null && startedAt <= test.at && test.at <= endedAt;
}

function lastTest(view: PageView, { lastRestoreTest: test }: DatabaseDetail): Markup {
  if (!test) return html``;
  const { label, page, restoredIn } = view.words;
  const subject =
    test.takenAt !== undefined &&
    test.size !== undefined &&
    page.testOf(dateText(view, test.takenAt), sizeText(view, test.size));
  return html`<p class="last">
      <span class="mark ${test.ok ? 'good' : 'bad'}">${test.ok ? label.passed : label.failed}</span>
      ${dotted([absoluteText(view, test.at), restoredIn(formatTook(view.words, test.durationMs)), subject, test.id !== null && html`<code>${test.id}</code>`])}
    </p>
    ${test.problem !== null && html`<p class="tone bad" lang="en">${prose(test.problem)}</p>`}`;
}

function manifestSection({ words }: PageView, manifest: unknown): Markup {
  return html`<section class="panel" aria-labelledby="manifest">
    <h2 id="manifest">${words.page.manifest}</h2>
    <details>
      <summary>${words.page.manifestOf}</summary>
      <pre class="json" tabindex="0"><code>${JSON.stringify(manifest, null, 2)}</code></pre>
    </details>
  </section>`;
}
