import type { Command } from 'commander';
import { answer } from '../output.ts';
import type { Door } from './door.ts';

export function addRetire(program: Command, { open, terminal }: Door): void {
  program
    .command('retire <database>')
    .description('release the holds of a database that is gone, so that its backups may expire')
    .action(async (database: string) => {
      const done = await (await open()).retire(database);
      answer(
        terminal,
        done,
        `${done.released} backups released; they expire at the dates that \`lifeboat list\` shows\n`,
      );
    });
}
