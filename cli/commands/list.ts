import type { Command } from 'commander';
import { answer, backupTable } from '../output.ts';
import type { Door } from './door.ts';

export function addList(program: Command, { open, terminal }: Door): void {
  program
    .command('list [database]')
    .description('the backups, newest first')
    .option('--all', 'salvage copies, too', false)
    .action(async (database: string | undefined, { all }: { all: boolean }) => {
      const backups = await (await open()).list(database, { all });
      answer(
        terminal,
        { backups },
        backups.length > 0
          ? backupTable(backups)
          : 'There is no backup yet. Make one with `lifeboat backup`.\n',
      );
    });
}
