import { formatTook } from '../../../lib/text/format.ts';
import type { DatabaseStatus } from '../../../documents/status.ts';
import { dateText, dotted, relativeText, shortTimeText, sizeText } from './values.ts';
import { isOnlyPlanned } from '../../scheduled.ts';
import { html, type Markup } from './html.ts';
import { icon } from './icons.ts';
import type { PageView } from './view.ts';

/** Last backup, last restore test, next backup, and what is kept. */
export function facts(view: PageView, database: DatabaseStatus): Markup {
  const { label, kind, verdict, restoredIn, backups } = view.words;
  const { lastBackup: last, lastRestoreTest: test, storedBytes } = database;
  return html`<dl class="facts">
    ${last ? factItem(label.lastBackup, relativeText(view, last.takenAt), dotted([shortTimeText(view, last.takenAt), sizeText(view, last.size), kind[last.kind], verdict[last.verdict]])) : factItem(label.lastBackup, html`<span class="bad">${label.noBackup}</span>`)}
    ${
      test
        ? factItem(
            label.restoreTest,
            relativeText(view, test.at),
            test.ok
              ? dotted([
                  shortTimeText(view, test.at),
                  label.passed,
                  restoredIn(formatTook(view.words, test.durationMs)),
                ])
              : html`<span class="bad" title="${test.problem}">${label.failed}</span>`,
          )
        : factItem(label.restoreTest, html`<span class="soft">${label.noTest}</span>`)
    }
    ${nextFact(view, database)}
    ${factItem(label.kept, backups(database.backups), database.backups > 0 && dotted([sizeText(view, storedBytes), keptUntil(view, database)]))}
  </dl>`;
}

export function badge(
  { words }: PageView,
  { condition }: Pick<DatabaseStatus, 'condition'>,
): Markup {
  return html`<span class="badge ${condition}"
    >${icon(condition)}${words.condition[condition]}</span
  >`;
}

export function reasons({ words }: PageView, { reasons }: DatabaseStatus): Markup {
  return html`${reasons.length > 0 && html`<p class="reasons">${reasons.map((reason) => words.reason[reason]).join(' ')}</p>`}`;
}

function factItem(label: string, value: string | Markup, more: Markup | false = false): Markup {
  return html`<div>
    <dt>${label}</dt>
    <dd>${value}</dd>
    ${more && html`<dd class="more">${more}</dd>`}
  </div>`;
}

function nextFact(view: PageView, database: DatabaseStatus): Markup {
  const { nextBackup, nextFrom, runsIn } = database;
  const { label, plannedBy, runsIn: placeNames, neverScheduled } = view.words;
  if (nextBackup === null)
    return factItem(label.nextBackup, html`<span class="soft">${label.noNext}</span>`);
  const plan = isOnlyPlanned(database)
    ? html`<span class="warn tone">${neverScheduled}</span>`
    : dotted([
        shortTimeText(view, nextBackup),
        nextFrom !== null && plannedBy[nextFrom],
        runsIn !== null && runsIn !== 'function' && placeNames[runsIn],
      ]);
  const overdue = Date.parse(nextBackup) < Date.parse(view.at);
  return factItem(overdue ? label.overdue : label.nextBackup, relativeText(view, nextBackup), plan);
}

function keptUntil(view: PageView, { keptUntil }: DatabaseStatus): string | false {
  return keptUntil !== null && view.words.until(dateText(view, keptUntil));
}
