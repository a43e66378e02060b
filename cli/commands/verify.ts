import type { Command } from 'commander';
import { LifeboatError } from '../../core/errors.ts';
import { answer } from '../output.ts';
import type { Door } from './door.ts';

type Options = { at?: string; readData: boolean };

export const addVerify = (program: Command, { open, terminal, watching, clear }: Door): void => {
  program
    .command('verify <database>')
    .description('compare the catalog with what the store really has')
    .option('--at <time|id|latest>', 'one backup only')
    .option('--read-data', 'decode everything and name damaged pages', false)
    .action(async (database: string, options: Options) => {
      const { backups, promoted } = await (await open()).verify(database, { ...options, ...watching }).finally(clear);
      const bad = backups.filter(({ ok }) => !ok);
      const lines = backups.map(({ id, ok, problems }) => `${id}  ${ok ? 'ok' : problems.join('; ')}\n`).join('');
      const kept = promoted
        .map(({ id, slot, period, instead }) => `${id} is kept for the ${slot} slot of ${period} instead of ${instead}\n`)
        .join('');
      if (bad.length === 0) return answer(terminal, { backups, promoted }, lines);
      if (terminal.json)
        terminal.out(
          `${JSON.stringify({ ok: false, backups, promoted, error: { code: 'backup_damaged', message: `${bad.length} of ${backups.length} backups are damaged`, hint: 'Restore one that is ok, and make a full backup now.' } })}\n`,
        );
      else terminal.out(lines + kept);
      throw new Told(`${bad.length} of ${backups.length} backups are damaged`);
    });
};

/** Damage whose JSON document is printed already, because it carries more than an error does. */
export class Told extends LifeboatError {
  constructor(message: string) {
    super('backup_damaged', message, 'Restore one that is ok, and make a full backup now.');
  }
}
