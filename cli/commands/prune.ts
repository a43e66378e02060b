import type { Command } from 'commander';
import { printResult } from '../output.ts';
import type { CommandContext } from './context.ts';

export function addPrune(program: Command, { open, terminal }: CommandContext): void {
  program
    .command('prune')
    .description('delete expired backups (folder stores only)')
    .option('--dry-run', 'show what would be deleted', false)
    .action(async ({ dryRun }: { dryRun: boolean }) => {
      const { removed } = await (await open()).prune({ dryRun });
      const objects = removed.length === 1 ? '1 object' : `${removed.length} objects`;
      const summary =
        removed.length === 0
          ? 'Nothing has expired.'
          : dryRun
            ? `Would delete ${objects}.`
            : `Deleted ${objects}.`;
      printResult(
        terminal,
        { removed },
        `${removed.map((key) => `${key}\n`).join('')}${summary}\n`,
      );
    });
}
