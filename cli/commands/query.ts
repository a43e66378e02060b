import type { Command } from 'commander';
import { printResult, table } from '../output.ts';
import type { CommandContext } from './context.ts';

export function addQuery(program: Command, { open, terminal, signal }: CommandContext): void {
  program
    .command('query <database> <sql>')
    .description('run one read-only statement on a temporary restore of a backup')
    .option('--at <time|id|latest>', 'which backup', 'latest')
    .action(async (database: string, sql: string, { at }: { at: string }) => {
      const { columns, rows } = await (await open()).query(database, { at, sql, signal });
      const cells = [columns, ...rows].map((row) => row.map(cellText));
      printResult(terminal, { columns, rows }, table(cells));
    });
}

/** One line, so that a line feed in a value cannot look like another row. */
function cellText(value: string | number | null): string {
  return value === null ? 'NULL' : String(value).replaceAll('\n', String.raw`\n`);
}
