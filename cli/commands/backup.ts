import type { Command } from 'commander';
import { backupText, printResult } from '../output.ts';
import {
  addBackupFlags,
  NOTIFY,
  timeZoneOf,
  type BackupFlags,
  type CommandContext,
} from './context.ts';

export function addBackup(
  program: Command,
  { open, terminal, running, clearProgress }: CommandContext,
): void {
  addBackupFlags(
    program
      .command('backup <database>')
      .description('back up a configured database, or a database file by its path'),
    'manual',
  )
    .option(...NOTIFY)
    .action(
      async (
        database: string,
        { kind, reason, accept, expectMigration, notify }: BackupFlags & { notify: boolean },
      ) => {
        const app = await open({ notify });
        const result = await app
          .backup(database, {
            kind,
            reason,
            accept,
            expectMigrations: expectMigration,
            ...running,
          })
          .finally(clearProgress);
        printResult(terminal, result, backupText(result, timeZoneOf(app, database)));
      },
    );
}
