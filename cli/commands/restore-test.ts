import { ENGLISH, formatSize, formatTook } from '../../core/lib/text/format.ts';
import type { Command } from 'commander';
import { printResult } from '../output.ts';
import { table } from '../table.ts';
import { okText } from '../colour.ts';
import { ReportedFailure } from '../reported-failure.ts';
import { NOTIFY, type CommandContext } from './context.ts';
import { DATABASE } from '../help-text.ts';

export function addRestoreTest(
  program: Command,
  { open, terminal, running, clearProgress }: CommandContext,
): void {
  program
    .command('restore-test')
    .argument('[database]', DATABASE)
    .description(
      'restore the latest and some older backups into temporary storage, check them, and compare them with their manifests',
    )
    .option(...NOTIFY)
    .action(async (database: string | undefined, { notify }: { notify: boolean }) => {
      const app = await open({ notify });
      const { databases } = await app.restoreTest(database, running).finally(clearProgress);
      const rows = databases.map((each) => [
        each.database,
        okText(each.ok, terminal.outColours),
        each.id ?? 'none',
        each.tested[0] ? formatSize(ENGLISH, each.tested[0].size) : '',
        formatTook(ENGLISH, each.durationMs),
        each.problems.join('; '),
      ]);
      const labels = ['DATABASE', 'RESULT', 'LATEST BACKUP', 'SIZE', 'TOOK', 'PROBLEMS'];
      const text = table([labels, ...rows], terminal.columns);
      const failures = databases.filter(({ ok }) => !ok);
      if (failures.length === 0)
        return printResult(
          terminal,
          { databases },
          databases.length > 0 ? text : 'There are no databases in lifeboat.yaml.\n',
        );
      const failure = new ReportedFailure(
        'restore_test_failed',
        `${failures.length} of ${databases.length} databases failed their restore test: ${failures.map((each) => each.database).join(', ')}`,
        'Restore an older backup of each (`lifeboat list`), and make a full backup now (`lifeboat backup --kind full`).',
      );
      failure.report(terminal, { databases }, text);
      throw failure;
    });
}
