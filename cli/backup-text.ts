import type { BackupDocument, BackupResult } from '../core/documents/backup.ts';
import {
  ENGLISH,
  formatAge,
  formatDate,
  formatSize,
  formatTime,
  formatTook,
} from '../core/lib/text/format.ts';
import { coloured, type Colour } from './colour.ts';
import { table } from './table.ts';

type TableOptions = {
  readonly timeZoneOf: (database: string) => string;
  /** ms. */
  readonly now: number;
  readonly columns: number;
  readonly colours: boolean;
};

/** Backups in columns, in the order given. */
export function backupTable(backups: readonly BackupDocument[], options: TableOptions): string {
  const { timeZoneOf, now, columns, colours } = options;
  const rows = backups.map((each) => {
    const zone = timeZoneOf(each.database);
    return [
      each.id,
      each.database,
      formatTime(ENGLISH, each.takenAt, zone),
      formatAge(Date.parse(each.takenAt) - now),
      each.reason,
      each.kind,
      formatSize(ENGLISH, each.size),
      formatSize(ENGLISH, each.storedBytes),
      formatDate(ENGLISH, each.expires, zone),
      stateText(each, colours),
    ];
  });
  const labels = [
    'ID',
    'DATABASE',
    'TAKEN',
    'AGE',
    'REASON',
    'KIND',
    'SIZE',
    'STORED',
    'KEPT UNTIL',
  ];
  return table([[...labels, 'STATE'], ...rows], columns);
}

/** A backup that was just made, on one line, with a line for each check that found something. */
export function backupText(
  backup: BackupResult,
  { timeZone, store }: { readonly timeZone: string; readonly store: string | undefined },
): string {
  const { id, database, kind, pages, size, storedBytes, verdict, expires, checks, copies, hooks } =
    backup;
  const share = kind === 'full' ? 'every page' : `${pages.stored} of ${pages.count} pages`;
  const notes = checks
    .filter(({ result }) => result !== 'ok')
    .map(({ name, result, detail }) => `  ${result}: ${name}${detail ? `: ${detail}` : ''}\n`);
  for (const { url, ok, error } of copies)
    notes.push(ok ? `  copied to ${url}\n` : `  NOT copied to ${url}: ${error?.message ?? ''}\n`);
  for (const { error } of hooks ?? []) if (error) notes.push(`  WARNING: ${error.message}\n`);
  const facts = [
    kind,
    share,
    `${formatSize(ENGLISH, size)} stored as ${formatSize(ENGLISH, storedBytes)}${store === undefined ? '' : ` in ${store}`}`,
    `took ${formatTook(ENGLISH, backup.durationMs)}`,
    `kept until ${formatDate(ENGLISH, expires, timeZone)}`,
    `verdict ${verdict}`,
  ];
  return `${database}: ${id}  ${facts.join(', ')}\n${notes.join('')}`;
}

/** `25 Nov 2026, 17:43 GMT-3 (20 min ago)`. */
export function takenText(takenAt: string, timeZone: string, now: number): string {
  return `${formatTime(ENGLISH, takenAt, timeZone)} (${formatAge(Date.parse(takenAt) - now)})`;
}

function stateText({ verdict, held, salvage, fault }: BackupDocument, colours: boolean): string {
  const worst = fault?.level ?? verdict;
  const colour: Colour =
    worst === 'damaged' || worst === 'failed' ? 'red' : worst === 'ok' ? 'green' : 'yellow';
  const words = [coloured(worst, colours ? colour : undefined)];
  if (held) words.push('held');
  if (salvage) words.push('salvage');
  return words.join(' ');
}
