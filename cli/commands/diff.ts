import { InvalidArgumentError, Option, type Command } from 'commander';
import type { DiffDocument } from '../../core/documents/diff.ts';
import { ENGLISH, formatNumber, formatSize } from '../../core/lib/text/format.ts';
import { LifeboatError } from '../../core/lib/errors.ts';
import { takenText } from '../backup-text.ts';
import { printResult, type Terminal } from '../output.ts';
import { oneRow, rowChangesText } from '../row-changes-text.ts';
import { table } from '../table.ts';
import { positiveInteger, timeZoneOf, type CommandContext } from './context.ts';
import { DATABASE } from '../help-text.ts';

type DiffFlags = { rows: boolean; table?: string; limit?: number };

const SHOWN_ROWS = 20;
const MOST_SHOWN_ROWS = 100_000;

export function addDiff(
  program: Command,
  { open, terminal, running, clearProgress }: CommandContext,
): void {
  program
    .command('diff')
    .argument('<database>', DATABASE)
    .argument(
      '[from]',
      'the older backup, as `lifeboat restore --at` takes it (default: the one before [to])',
    )
    .argument('[to]', 'the newer backup, likewise (default: the latest)')
    .description('compare two backups: schema, rows of each table, size and migrations')
    .option('--rows', 'restore both, and show which rows were added, removed or changed', false)
    .option('--table <name>', 'with --rows: compare this table only')
    .addOption(
      new Option(
        '--limit <count>',
        `with --rows: how many rows of each table to show (default: ${SHOWN_ROWS})`,
      ).argParser(rowLimit),
    )
    .action(async (database: string, from: string | undefined, to = 'latest', flags: DiffFlags) => {
      const { table: only, limit = SHOWN_ROWS } = flags;
      for (const flag of ['table', 'limit'] as const)
        if (flags[flag] !== undefined && !flags.rows)
          throw new LifeboatError('usage', `--${flag} needs --rows`, 'Add --rows.');
      const app = await open();
      const rows = flags.rows ? { table: only, limit, ...running } : undefined;
      const document = await app.diff(database, { from, to, rows }).finally(clearProgress);
      printResult(terminal, document, diffText(document, timeZoneOf(app, database), terminal));
    });
}

function rowLimit(value: string): number {
  const count = positiveInteger(value);
  if (count > MOST_SHOWN_ROWS) throw new InvalidArgumentError(`Use at most ${MOST_SHOWN_ROWS}.`);
  return count;
}

function diffText(
  { database, from, to, schemaChanged, tables, migrations, rows: changes }: DiffDocument,
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
  const changed = changes === undefined ? '' : `\n${rowChangesText(changes)}`;
  return `${table(facts)}\n${rows}${changed}`;
}

function changeText(from: number | null, to: number | null): string {
  if (from === null) return 'new table';
  if (to === null) return 'table is gone';
  return `${to > from ? '+' : '-'}${formatNumber(ENGLISH, Math.abs(to - from))}`;
}
