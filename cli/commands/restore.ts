import { ENGLISH, formatSize } from '../../core/lib/format.ts';
import type { Command } from 'commander';
import { answer } from '../output.ts';
import type { Door } from './door.ts';

type Options = { to: string; at: string; force: boolean; salvage: boolean; dryRun: boolean };

export function addRestore(program: Command, { open, terminal, watching, clear }: Door): void {
  program
    .command('restore <database>')
    .description('restore a backup to a file, byte for byte, or leave nothing behind')
    .requiredOption('--to <path>', 'the file to write')
    .option('--at <time|id|latest>', 'which backup', 'latest')
    .option(
      '--force',
      'set an existing file (and its -wal, -shm) aside; it is never deleted',
      false,
    )
    .option('--salvage', 'restore a salvage copy, whose database failed its inspection', false)
    .option('--dry-run', 'say what would be restored', false)
    .action(async (database: string, options: Options) => {
      const app = await open();
      const done = await app.restore(database, { ...options, ...watching }).finally(clear);
      const aside = done.setAside.map((path) => `  set aside: ${path}\n`).join('');
      answer(
        terminal,
        done,
        `${done.id}  ${options.dryRun ? 'would be restored' : 'restored'} to ${done.to}, ${formatSize(ENGLISH, done.size)}, SHA-256 ${done.sha256}\n  from: ${done.from}\n${aside}`,
      );
    });
}
