import type { Command } from 'commander';
import { LifeboatError } from '../../core/errors.ts';
import { answer, bytes, table } from '../output.ts';
import type { Door } from './door.ts';

export const addStatus = (program: Command, { open, terminal }: Door): void => {
  program
    .command('status')
    .description('the last backup of each database, and what comes next')
    .option('--check', 'exit 9 when a backup is late or missing', false)
    .action(async ({ check }: { check: boolean }) => {
      const { databases } = await (await open()).status();
      const stale = databases.filter(({ fresh }) => !fresh).map(({ name }) => name);
      const rows = databases.map((each) => [
        each.name,
        each.lastBackup?.takenAt ?? 'never',
        each.lastBackup ? bytes(each.lastBackup.size) : '',
        each.lastBackup?.verdict ?? '',
        each.fresh ? 'yes' : 'NO',
        String(each.backups),
        bytes(each.storedBytes),
        each.lastRestoreTest ? `${each.lastRestoreTest.at.slice(0, 10)} ${each.lastRestoreTest.ok ? 'ok' : 'FAILED'}` : 'never',
        each.nextBackup ?? '',
        each.lastFailure ? `${each.lastFailure.at} ${each.lastFailure.code}` : '',
      ]);
      const text = table([
        ['DATABASE', 'LAST BACKUP', 'SIZE', 'VERDICT', 'FRESH', 'BACKUPS', 'STORED', 'RESTORE TEST', 'NEXT', 'LAST FAILURE'],
        ...rows,
      ]);
      // With --check the answer is one document as well: the failure, when something is late.
      if (check && stale.length > 0)
        throw new LifeboatError(
          'stale',
          `late or missing: ${stale.join(', ')}`,
          'Run `lifeboat backup` for it, and see why the schedule did not.',
        );
      answer(terminal, { databases }, databases.length > 0 ? text : 'No database is configured and the store is empty.\n');
    });
};
