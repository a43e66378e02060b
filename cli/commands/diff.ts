import type { Command } from 'commander';
import type { DiffDocument } from '../../core/documents/diff.ts';
import { ENGLISH, formatNumber, formatSize } from '../../core/lib/format.ts';
import { takenText } from '../backup-text.ts';
import { printResult, type Terminal } from '../output.ts';
import { table } from '../table.ts';
import { timeZoneOf, type CommandContext } from './context.ts';

export function addDiff(program: Command, { open, terminal }: CommandContext): void {
  program
    .command('diff <database> [from] [to]')
    .description(
      'compare two backups: schema, rows of each table, size and migrations (default: the latest and the one before it; each as --at takes it)',
    )
    .action(async (database: string, from: string | undefined, to = 'latest') => {
      const app = await open();
      const document = await app.diff(database, { from, to });
      printResult(terminal, document, diffText(document, timeZoneOf(app, database), terminal));
    });
}

function diffText(
  { database, from, to, schemaChanged, tables, migrations }: DiffDocument,
  timeZone: string,
  { columns }: Pick<Terminal, 'columns'>,
): string {
  const now = Date.now();
  const facts = [
    ['Database', database],
    ['From', `${from.id}  ${takenText(from.takenAt, timeZone, now)}`],
    ['To', `${to.id}  ${takenText(to.takenAt, timeZone, now)}`],
    ['Size', `${formatSize(ENGLISH, from.size)} to ${formatSize(ENGLISH, to.size)}`],
    ['Schema', schemaChanged === null ? 'unknown' : schemaChanged ? 'changed' : 'unchanged'],
    ...migrations.map((each) => [
      'Migrations',
      oneRow(`${each.framework}: ${each.from ?? 'none'} to ${each.to ?? 'none'}`),
    ]),
  ];
  const counts = tables.map((each) => [
    oneRow(each.name),
    each.from === null ? '' : formatNumber(ENGLISH, each.from),
    each.to === null ? '' : formatNumber(ENGLISH, each.to),
    changeText(each.from, each.to),
  ]);
  const rows =
    counts.length === 0
      ? 'Every table has as many rows as before.\n'
      : table([['TABLE', 'ROWS BEFORE', 'ROWS AFTER', 'CHANGE'], ...counts], columns);
  return `${table(facts)}\n${rows}`;
}

function changeText(from: number | null, to: number | null): string {
  if (from === null) return 'new table';
  if (to === null) return 'table is gone';
  return `${to > from ? '+' : '-'}${formatNumber(ENGLISH, Math.abs(to - from))}`;
}

/** A name in a database may have a line feed, which must not look like another row. */
function oneRow(text: string): string {
  return text.replaceAll('\n', String.raw`\n`).replaceAll('\t', String.raw`\t`);
}
