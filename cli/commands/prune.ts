import type { Command } from 'commander';
import { answer } from '../output.ts';
import type { Door } from './door.ts';

export function addPrune(program: Command, { open, terminal }: Door): void {
  program
    .command('prune')
    .description('delete what has expired from a store that is a folder')
    .option('--dry-run', 'say what would be deleted', false)
    .action(async (options: { dryRun: boolean }) => {
      const { removed } = await (await open()).prune(options);
      answer(
        terminal,
        { removed },
        `${removed.map((key) => `${key}\n`).join('')}${removed.length} objects ${options.dryRun ? 'would be deleted' : 'deleted'}\n`,
      );
    });
}
