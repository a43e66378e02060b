import type { Command } from 'commander';
import type { DatabaseStatus } from '../../core/documents/status.ts';
import { answer } from '../output.ts';
import { detailText, statusTable } from '../status-table.ts';
import { Told } from '../told.ts';
import type { Door } from './door.ts';

export function addStatus(program: Command, { open, terminal }: Door): void {
  program
    .command('status [database]')
    .description(
      'how each database is: its last backup and restore test, and what comes next; all about one when it is named',
    )
    .option('--check', 'exit 9 when a backup is late or missing', false)
    .action(async (name: string | undefined, { check }: { check: boolean }) => {
      const app = await open();
      const document = name === undefined ? await app.status() : await app.statusOf(name);
      const databases = 'databases' in document ? document.databases : [document];
      const table =
        'databases' in document
          ? statusTable(document, terminal.outColours)
          : detailText(document, terminal.outColours);
      const text =
        databases.length > 0 ? table : 'No database is configured and the store is empty.\n';
      const bad = check ? stale(databases) : undefined;
      if (!bad) return answer(terminal, document, text);
      if (terminal.json || !terminal.quiet) bad.tell(terminal, document, text);
      throw bad;
    });
}

/**
 * What --check ends with. A backup that failed is no reason while the one before it is new enough:
 * the next may succeed.
 */
function stale(databases: readonly DatabaseStatus[]): Told | undefined {
  const [missing, late] = [
    databases.filter(({ lastBackup }) => !lastBackup),
    databases.filter(({ lastBackup, fresh }) => lastBackup && !fresh),
  ];
  if (missing.length + late.length === 0) return undefined;
  const told = [['missing', missing] as const, ['late', late] as const].filter(
    ([, those]) => those.length > 0,
  );
  return new Told(
    'stale',
    told.map(([what, those]) => `${what}: ${those.map(({ name }) => name).join(', ')}`).join('; '),
    'Run `lifeboat backup` for it, and see why the schedule did not.',
  );
}
