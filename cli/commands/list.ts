import type { Command } from 'commander';
import { backupTable } from '../backup-text.ts';
import { printResult } from '../output.ts';
import { positiveInteger, timeZoneOf, type CommandContext } from './context.ts';
import { DATABASE } from '../help-text.ts';

type ListFlags = { all: boolean; since?: string; limit?: number };

export function addList(program: Command, { open, terminal }: CommandContext): void {
  program
    .command('list')
    .argument('[database]', DATABASE)
    .description('list backups, newest first')
    .option('--all', 'include salvage copies (databases that failed their checks)', false)
    .option(
      '--since <time>',
      'only backups from this day or time on, such as yesterday or "12h ago"',
    )
    .option('--limit <number>', 'show at most this many backups, the newest', positiveInteger)
    .action(async (database: string | undefined, flags: ListFlags) => {
      const app = await open();
      const backups = await app.list(database, flags);
      const { outColours, columns } = terminal;
      const options = {
        timeZoneOf: (name: string) => timeZoneOf(app, name),
        now: Date.now(),
        columns,
        colours: outColours,
      };
      const about = database === undefined ? '' : ` of ${database}`;
      const none =
        flags.since === undefined
          ? `There are no backups${about} in ${app.config.store} yet. Run \`lifeboat backup ${database ?? '<database>'}\` to make one.\n`
          : `There are no backups${about} in ${app.config.store} since ${flags.since}.\n`;
      printResult(terminal, { backups }, backups.length > 0 ? backupTable(backups, options) : none);
    });
}
