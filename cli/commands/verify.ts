import type { Command } from 'commander';
import { answer } from '../output.ts';
import { Told } from '../told.ts';
import type { Door } from './door.ts';

type Options = { at?: string; readData: boolean };

export function addVerify(program: Command, { open, terminal, watching, clear }: Door): void {
  program
    .command('verify <database>')
    .description('compare the catalog with what the store really has')
    .option('--at <time|id|latest>', 'one backup only')
    .option('--read-data', 'decode everything and name damaged pages', false)
    .action(async (database: string, options: Options) => {
      const { backups, promoted } = await (
        await open()
      )
        .verify(database, { ...options, ...watching })
        .finally(clear);
      const bad = backups.filter(({ ok }) => !ok);
      const lines = backups
        .map(({ id, ok, problems }) => `${id}  ${ok ? 'ok' : problems.join('; ')}\n`)
        .join('');
      const kept = promoted
        .map(
          ({ id, slot, period, instead }) =>
            `${id} is kept for the ${slot} slot of ${period} instead of ${instead}\n`,
        )
        .join('');
      if (bad.length === 0) return answer(terminal, { backups, promoted }, lines);
      const fault = new Told(
        'backup_damaged',
        `${bad.length} of ${backups.length} backups are damaged`,
        'Restore one that is ok, and make a full backup now.',
      );
      fault.tell(terminal, { backups, promoted }, lines + kept);
      throw fault;
    });
}
