import type { Command } from 'commander';
import { printResult } from '../output.ts';
import { table } from '../table.ts';
import { takenText } from '../backup-text.ts';
import { timeZoneOf, type CommandContext } from './context.ts';
import { AT, DATABASE } from '../help-text.ts';

export function addQuery(program: Command, { open, terminal, signal }: CommandContext): void {
  program
    .command('query')
    .argument('<database>', DATABASE)
    .argument('<sql>', 'one read-only statement')
    .description('run one read-only statement on a temporary restore of a backup')
    .option('--at <time|id|latest>', AT, 'latest')
    .action(async (database: string, sql: string, { at }: { at: string }) => {
      const app = await open();
      const { columns, rows, backup } = await app.query(database, { at, sql, signal });
      const moment = takenText(backup.takenAt, timeZoneOf(app, database), Date.now());
      terminal.remark(`From the backup of ${moment}, ${backup.id}:\n`);
      const cells = [columns, ...rows].map((row) => row.map(cellText));
      printResult(terminal, { columns, rows, backup }, table(cells, terminal.columns));
    });
}

/** One line, so that a line feed in a value cannot look like another row. */
function cellText(value: string | number | null): string {
  return value === null ? 'NULL' : String(value).replaceAll('\n', String.raw`\n`);
}
