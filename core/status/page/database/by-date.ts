import { formatDate } from '../../../lib/text/format.ts';
import { html, type Markup } from '../parts/html.ts';
import type { DatabaseDetail, HistoryEntry } from '../../../documents/status.ts';
import { databasePath } from '../parts/paths.ts';
import { absoluteText, dotted, sizeText } from '../parts/values.ts';
import type { PageView } from '../parts/view.ts';
import { restoreCommand } from './restore-command.ts';

/** The query parameter with the date. */
export const ON = 'on';

/** A field for a date, and the backup that has the state at the end of that day. */
export function byDateSection(
  view: PageView,
  { name, history }: DatabaseDetail,
  on: string | undefined,
): Markup {
  const { page } = view.words;
  const date = isDay(on) ? on : undefined;
  return html`<section class="panel" aria-labelledby="by-date">
    <h2 id="by-date">${page.findBackup}</h2>
    <form class="filter by-date" method="get" action="${databasePath(view.base, name)}#by-date">
      <label for="on">${page.onDate}</label>
      <input id="on" name="${ON}" type="date" value="${date ?? ''}" required />
      <button type="submit">${page.find}</button>
    </form>
    ${date !== undefined && answer(view, history, date)}
  </section>`;
}

/** The newest sound backup that was taken on this day of the time zone, or before. */
export function backupOn(
  history: readonly HistoryEntry[],
  day: string,
  timeZone: string,
): HistoryEntry | undefined {
  return history.find(({ takenAt, fault }) => fault === null && dayOf(takenAt, timeZone) <= day);
}

function answer(view: PageView, history: readonly HistoryEntry[], day: string): Markup {
  const { page, kind } = view.words;
  const entry = backupOn(history, day, view.timeZone);
  const date = formatDate(view.words, `${day}T12:00:00Z`, 'UTC');
  if (!entry) return html`<p>${page.noBackupBefore(date)}</p>`;
  return html`<p>
      ${page.foundBackup(date)}
      <a href="#${entry.id}">${absoluteText(view, entry.takenAt)}</a>
      <span class="soft">${dotted([kind[entry.kind], sizeText(view, entry.size)])}</span>
    </p>
    <pre><code>${restoreCommand(entry.database, entry.id, view.store)}</code></pre>`;
}

function isDay(text: string | undefined): text is string {
  return text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text);
}

/** `2026-11-24` in the time zone. What is no time is after every day. */
function dayOf(iso: string, timeZone: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return '9999-99-99';
  const format = (zone: string): string =>
    new Intl.DateTimeFormat('sv', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    }).format(time);
  try {
    return format(timeZone);
  } catch {
    return format('UTC');
  }
}
