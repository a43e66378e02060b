import { ENGLISH, formatSize, formatTook } from '../../core/lib/format.ts';
import type { Command } from 'commander';
import { answer, table } from '../output.ts';
import { Told } from '../told.ts';
import { NOTIFY, type Door } from './door.ts';

export function addRestoreTest(program: Command, { open, terminal, watching, clear }: Door): void {
  program
    .command('restore-test [database]')
    .description(
      'restore the newest and some older backups into temporary storage, check them, and compare with what was recorded',
    )
    .option(...NOTIFY)
    .action(async (database: string | undefined, { notify }: { notify: boolean }) => {
      const app = await open({ notify });
      const { databases } = await app.restoreTest(database, watching).finally(clear);
      const bad = databases.filter(({ ok }) => !ok);
      const rows = databases.map((each) => [
        each.database,
        each.ok ? 'ok' : 'FAILED',
        each.id ?? 'none',
        each.tested[0] ? formatSize(ENGLISH, each.tested[0].size) : '',
        formatTook(ENGLISH, each.durationMs),
        each.problems.join('; '),
      ]);
      const text = table([
        ['DATABASE', 'RESULT', 'NEWEST', 'SIZE', 'RESTORED IN', 'PROBLEMS'],
        ...rows,
      ]);
      if (bad.length === 0)
        return answer(
          terminal,
          { databases },
          databases.length > 0 ? text : 'No database is configured.\n',
        );
      const fault = new Told(
        'restore_test_failed',
        `${bad.length} of ${databases.length} databases failed their restore test: ${bad.map((each) => each.database).join(', ')}`,
        'Restore an older backup of each by hand, and make a full one now.',
      );
      fault.tell(terminal, { databases }, text);
      throw fault;
    });
}
