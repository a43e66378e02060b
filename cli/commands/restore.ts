import { ENGLISH, formatSize } from '../../core/lib/format.ts';
import type { Command } from 'commander';
import { printResult } from '../output.ts';
import type { CommandContext } from './context.ts';

type RestoreFlags = {
  to: string;
  at: string;
  force: boolean;
  evenIfOpen: boolean;
  salvage: boolean;
  dryRun: boolean;
};

export function addRestore(
  program: Command,
  { open, terminal, running, clearProgress }: CommandContext,
): void {
  program
    .command('restore <database>')
    .description('restore a backup to a file (byte for byte, all or nothing)')
    .requiredOption('--to <path>', 'the file to write')
    .option('--at <time|id|latest>', 'which backup', 'latest')
    .option(
      '--force',
      'move an existing file (and its -wal and -shm) aside first; nothing is deleted',
      false,
    )
    .option(
      '--even-if-open',
      'with --force: replace the file even while another program has it open',
      false,
    )
    .option('--salvage', 'restore a salvage copy (a database that failed its checks)', false)
    .option('--dry-run', 'show what would be restored', false)
    .action(async (database: string, flags: RestoreFlags) => {
      const app = await open();
      const result = await app.restore(database, { ...flags, ...running }).finally(clearProgress);
      const verb = flags.dryRun ? 'would be restored' : 'restored';
      const aside = result.setAside.map((path) => `  moved aside: ${path}\n`).join('');
      printResult(
        terminal,
        result,
        `${result.id}  ${verb} to ${result.to}, ${formatSize(ENGLISH, result.size)}, SHA-256 ${result.sha256}\n  from: ${result.from}\n${aside}`,
      );
    });
}
