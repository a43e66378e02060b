import type { Command } from 'commander';
import { answer, table } from '../output.ts';
import type { Door } from './door.ts';

export function addQuery(program: Command, { open, terminal, signal }: Door): void {
  program
    .command('query <database> <sql>')
    .description('restore into a private temporary folder, run one statement there, print the rows')
    .option('--at <time|id|latest>', 'which backup', 'latest')
    .action(async (database: string, sql: string, { at }: { at: string }) => {
      const { columns, rows } = await (await open()).query(database, { at, sql, signal });
      answer(terminal, { columns, rows }, table([columns, ...rows.map((row) => row.map(cell))]));
    });
}

function cell(value: string | number | null): string {
  return value === null ? 'NULL' : String(value);
}
