import type { Command } from 'commander';
import { printResult } from '../output.ts';
import { ReportedFailure } from '../reported-failure.ts';
import type { VerifiedBackup } from '../../core/documents/restore.ts';
import { takenText } from '../backup-text.ts';
import { timeZoneOf, type CommandContext } from './context.ts';
import { DATABASE } from '../help-text.ts';

type VerifyFlags = { at?: string; readData: boolean };

export function addVerify(
  program: Command,
  { open, terminal, running, clearProgress }: CommandContext,
): void {
  program
    .command('verify')
    .argument('<database>', DATABASE)
    .description('check that every backup is complete and undamaged')
    .option('--at <time|id|latest>', 'check only this backup, named as for `lifeboat restore --at`')
    .option('--read-data', 'also read and decode all data, and name damaged pages', false)
    .action(async (database: string, flags: VerifyFlags) => {
      const app = await open();
      const { backups, promoted } = await app
        .verify(database, { ...flags, ...running })
        .finally(clearProgress);
      const choice = flags.at === undefined ? '' : chosenLine(timeZoneOf(app, database), backups);
      const results = backups.map(
        ({ id, ok, problems }) => `${id}  ${ok ? 'ok' : problems.join('; ')}\n`,
      );
      const lines = `${choice}${results.join('')}`;
      const promotions = promoted
        .map(
          ({ id, slot, period, instead }) =>
            `${id} is kept for the ${slot} slot of ${period} instead of ${instead}\n`,
        )
        .join('');
      const text = lines === '' ? `There are no backups of ${database} yet.\n` : lines;
      const damages = backups.filter(({ ok }) => !ok);
      if (damages.length === 0) return printResult(terminal, { backups, promoted }, text);
      const failure = new ReportedFailure(
        'backup_damaged',
        `${damages.length} of ${backups.length} backups of ${database} are damaged`,
        `Restore one that is ok (\`lifeboat restore ${database} --at <id>\`), and make a full backup now (\`lifeboat backup ${database} --kind full\`).`,
      );
      failure.report(terminal, { backups, promoted }, lines + promotions);
      throw failure;
    });
}

/** Which backup `--at` chose, and how old it is. */
function chosenLine(timeZone: string, [backup]: readonly VerifiedBackup[]): string {
  return backup?.takenAt === undefined
    ? ''
    : `The backup of ${takenText(backup.takenAt, timeZone, Date.now())}:\n`;
}
