import type { Command } from 'commander';
import { answer, madeText } from '../output.ts';
import { addOrder, NOTIFY, type Door, type OrderOptions } from './door.ts';

type Options = OrderOptions & { notify: boolean };

export function addBackup(program: Command, { open, terminal, watching, clear }: Door): void {
  addOrder(
    program
      .command('backup <database>')
      .description('back up a configured database, or a database file by its path'),
    'manual',
  )
    .option(...NOTIFY)
    .action(
      async (database: string, { kind, reason, accept, expectMigration, notify }: Options) => {
        const app = await open({ notify });
        const done = await app
          .backup(database, {
            kind,
            reason,
            accept,
            expectMigrations: expectMigration,
            ...watching,
          })
          .finally(clear);
        answer(terminal, done, madeText(done));
      },
    );
}
