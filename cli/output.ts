import { ENGLISH, formatDate, formatSize } from '../core/lib/format.ts';
import type { LifeboatError } from '../core/lib/errors.ts';
import type { BackupDocument, BackupResult } from '../core/documents/backup.ts';

/** Where a command writes: results to `out`, everything else to `err`. */
export type Terminal = {
  out(text: string): void;
  err(text: string): void;
  readonly json: boolean;
  readonly quiet: boolean;
  /** Whether `err` may be coloured. */
  readonly colours: boolean;
  readonly outColours: boolean;
};

/** One JSON document, or the text for a person. */
export function printResult(terminal: Terminal, document: object, text: string): void {
  if (terminal.json) terminal.out(`${JSON.stringify({ ok: true, ...document })}\n`);
  else if (!terminal.quiet) terminal.out(text);
}

export function printFailure(terminal: Terminal, error: LifeboatError): void {
  const { code, message, hint } = error;
  if (terminal.json)
    terminal.out(`${JSON.stringify({ ok: false, error: { code, message, hint } })}\n`);
  else
    terminal.err(
      `${terminal.colours ? '\u001B[31merror:\u001B[0m' : 'error:'} ${message}\nhint: ${hint}\n`,
    );
}

/** Columns in the width of their longest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  // No spread: a query may have more rows than a call can have arguments.
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0),
  );
  return `${rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')}\n`;
}

export function backupTable(
  backups: readonly BackupDocument[],
  timeZoneOf: (database: string) => string,
): string {
  return table([
    ['ID', 'DATABASE', 'KIND', 'VERDICT', 'SIZE', 'STORED', 'EXPIRES', ''],
    ...backups.map((each) => [
      each.id,
      each.database,
      each.kind,
      each.verdict,
      formatSize(ENGLISH, each.size),
      formatSize(ENGLISH, each.storedBytes),
      formatDate(ENGLISH, each.expires, timeZoneOf(each.database)),
      [each.held ? 'held' : '', each.salvage ? 'salvage' : '', each.fault?.level ?? '']
        .filter(Boolean)
        .join(' '),
    ]),
  ]);
}

/** A backup that was just made, for a person. */
export function backupText(backup: BackupResult, timeZone: string): string {
  const { id, kind, pages, size, storedBytes, verdict, expires, checks, copies } = backup;
  const share = kind === 'full' ? 'every page' : `${pages.stored} of ${pages.count} pages`;
  const notes = checks
    .filter(({ result }) => result !== 'ok')
    .map(({ name, result, detail }) => `  ${result}: ${name}${detail ? `: ${detail}` : ''}\n`);
  for (const { url, ok, error } of copies)
    notes.push(ok ? `  copied to ${url}\n` : `  NOT copied to ${url}: ${error?.message ?? ''}\n`);
  const sizes = `${formatSize(ENGLISH, size)} stored as ${formatSize(ENGLISH, storedBytes)}`;
  return `${id}  ${kind}, ${share}, ${sizes}, verdict ${verdict}, kept until ${formatDate(ENGLISH, expires, timeZone)}\n${notes.join('')}`;
}
