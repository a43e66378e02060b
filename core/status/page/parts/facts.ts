import { formatTook } from '../../../lib/format.ts';
import type { DatabaseStatus } from '../../../documents/status.ts';
import { date, dotted, relative, size } from './values.ts';
import { html, type Markup } from './html.ts';
import { icon } from './icons.ts';
import type { View } from './view.ts';

/** Last backup, last restore test, next backup, and what is kept. */
export function facts(view: View, database: DatabaseStatus): Markup {
  const { label, kind, verdict, restoredIn, backups } = view.words;
  const { lastBackup: last, lastRestoreTest: test, storedBytes } = database;
  return html`<dl class="facts">
    ${last ? fact(label.lastBackup, relative(view, last.takenAt), dotted([size(view, last.size), kind[last.kind], verdict[last.verdict]])) : fact(label.lastBackup, html`<span class="bad">${label.noBackup}</span>`)}
    ${
      test
        ? fact(
            label.restoreTest,
            relative(view, test.at),
            test.ok
              ? dotted([label.passed, restoredIn(formatTook(view.words, test.durationMs))])
              : html`<span class="bad" title="${test.problem}">${label.failed}</span>`,
          )
        : fact(label.restoreTest, html`<span class="soft">${label.noTest}</span>`)
    }
    ${nextFact(view, database)}
    ${fact(label.kept, backups(database.backups), database.backups > 0 && dotted([size(view, storedBytes), keptUntil(view, database)]))}
  </dl>`;
}

export function badge({ words }: View, { condition }: Pick<DatabaseStatus, 'condition'>): Markup {
  return html`<span class="badge ${condition}"
    >${icon(condition)}${words.condition[condition]}</span
  >`;
}

export function reasons({ words }: View, { reasons }: DatabaseStatus): Markup {
  return html`${reasons.length > 0 && html`<p class="reasons">${reasons.map((reason) => words.reason[reason]).join(' ')}</p>`}`;
}

function fact(label: string, value: string | Markup, more: Markup | false = false): Markup {
  return html`<div>
    <dt>${label}</dt>
    <dd>${value}</dd>
    ${more && html`<dd class="more">${more}</dd>`}
  </div>`;
}

function nextFact(view: View, { nextBackup, nextFrom }: DatabaseStatus): Markup {
  const { label, plannedBy } = view.words;
  if (nextBackup === null)
    return fact(label.nextBackup, html`<span class="soft">${label.noNext}</span>`);
  const plan = nextFrom !== null && html`${plannedBy[nextFrom]}`;
  const overdue = Date.parse(nextBackup) < Date.parse(view.at);
  return fact(overdue ? label.overdue : label.nextBackup, relative(view, nextBackup), plan);
}

function keptUntil(view: View, { keptUntil }: DatabaseStatus): string | false {
  return keptUntil !== null && view.words.until(date(view, keptUntil));
}
