import type { RestoreDocument } from '../../core/documents/restore.ts';
import { ENGLISH, formatSize, formatTook } from '../../core/lib/text/format.ts';
import { RESTORE_CHECKS, type RestoreCheck } from '../../core/restore/check-restored.ts';
import { takenText } from '../backup-text.ts';
import { Option, type Command } from 'commander';
import { printResult } from '../output.ts';
import { timeZoneOf, type CommandContext } from './context.ts';
import { AT, DATABASE } from '../help-text.ts';

type RestoreFlags = {
  to: string;
  at: string;
  force: boolean;
  evenIfOpen: boolean;
  salvage: boolean;
  check: RestoreCheck;
  dryRun: boolean;
};

export function addRestore(
  program: Command,
  { open, terminal, running, clearProgress }: CommandContext,
): void {
  program
    .command('restore')
    .argument('<database>', DATABASE)
    .description('restore a backup to a file (byte for byte, all or nothing)')
    .requiredOption('--to <path>', 'the file to write (required)')
    .option('--at <time|id|latest>', AT, 'latest')
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
    .addOption(
      new Option(
        '--check <depth>',
        'what to check in addition to the SHA-256: nothing (digest), quick_check (quick) or integrity_check (full)',
      )
        .choices(RESTORE_CHECKS)
        .default('digest'),
    )
    .option('--dry-run', 'show what would be restored', false)
    .action(async (database: string, flags: RestoreFlags) => {
      const app = await open();
      const result = await app.restore(database, { ...flags, ...running }).finally(clearProgress);
      const timeZone = timeZoneOf(app, database);
      printResult(terminal, result, restoreText(result, flags.dryRun, timeZone));
    });
}

function restoreText(result: RestoreDocument, dryRun: boolean, timeZone: string): string {
  const { database, id, takenAt, to, size, from, durationMs, sha256, setAside, checks } = result;
  const facts = [
    `the backup of ${takenText(takenAt, timeZone, Date.now())}`,
    formatSize(ENGLISH, size),
    `from ${from}`,
    ...(dryRun ? [] : [`took ${formatTook(ENGLISH, durationMs)}`]),
  ];
  const aside = setAside.map((path) => `  moved aside: ${path}\n`).join('');
  const doubts = checks
    .filter((check) => check.result !== 'ok')
    .map((check) => `  ${check.name}: ${check.result}${check.detail ? `, ${check.detail}` : ''}\n`)
    .join('');
  return `${database}: ${id}  ${dryRun ? 'would be restored' : 'restored'} to ${to}: ${facts.join(', ')}\n  SHA-256: ${sha256}\n${aside}${doubts}`;
}
