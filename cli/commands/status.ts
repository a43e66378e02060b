import type { Command } from 'commander';
import type { DatabaseStatus } from '../../core/documents/status.ts';
import { printResult } from '../output.ts';
import { statusDetail, statusTable, unscheduledNote } from '../status-table.ts';
import { ReportedFailure } from '../reported-failure.ts';
import { timeZoneOf, type CommandContext } from './context.ts';
import { DATABASE } from '../help-text.ts';

export function addStatus(program: Command, { open, terminal }: CommandContext): void {
  program
    .command('status')
    .argument('[database]', DATABASE)
    .description('show the state of every database, or everything about one')
    .option('--check', 'exit 9 when a backup is late or missing', false)
    .action(async (name: string | undefined, { check }: { check: boolean }) => {
      const app = await open();
      const document = name === undefined ? await app.status() : await app.statusOf(name);
      const databases = 'databases' in document ? document.databases : [document];
      const text =
        'databases' in document
          ? databases.length > 0
            ? `${statusTable(document, terminal.outColours, terminal.columns)}${unscheduledNote(document)}`
            : 'No databases: lifeboat.yaml has none, and the store has no backups.\n'
          : statusDetail(
              document,
              timeZoneOf(app, document.name),
              terminal.outColours,
              terminal.columns,
            );
      const failure = check ? staleFailure(databases) : undefined;
      if (!failure) return printResult(terminal, document, text);
      if (terminal.json || !terminal.quiet) failure.report(terminal, document, text);
      throw failure;
    });
}

/**
 * What `--check` fails with. A failed backup alone is no reason while the one before it is recent
 * enough: the next may succeed.
 */
function staleFailure(databases: readonly DatabaseStatus[]): ReportedFailure | undefined {
  const [missing, late] = [
    databases.filter(({ lastBackup }) => !lastBackup),
    databases.filter(({ lastBackup, fresh }) => lastBackup && !fresh),
  ];
  const [first] = [...missing, ...late];
  if (first === undefined) return undefined;
  const parts = [['missing', missing] as const, ['late', late] as const].flatMap(
    ([problem, each]) =>
      each.length > 0 ? [`${problem}: ${each.map(({ name }) => name).join(', ')}`] : [],
  );
  return new ReportedFailure(
    'stale',
    parts.join('; '),
    `Run \`lifeboat backup ${first.name}\`, and check why the schedule did not.`,
  );
}
