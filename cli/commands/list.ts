import type { Command } from 'commander';
import { backupTable, printResult } from '../output.ts';
import { timeZoneOf, type CommandContext } from './context.ts';

export function addList(program: Command, { open, terminal }: CommandContext): void {
  program
    .command('list [database]')
    .description('list backups, newest first')
    .option('--all', 'include salvage copies (databases that failed their checks)', false)
    .action(async (database: string | undefined, { all }: { all: boolean }) => {
      const app = await open();
      const backups = await app.list(database, { all });
      printResult(
        terminal,
        { backups },
        backups.length > 0
          ? backupTable(backups, (name) => timeZoneOf(app, name))
          : `There are no backups yet. Run \`lifeboat backup ${database ?? '<database>'}\` to make one.\n`,
      );
    });
}
