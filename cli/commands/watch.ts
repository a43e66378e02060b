import type { Command } from 'commander';
import { watchError } from '../../core/watch/watch.ts';
import { answer, table } from '../output.ts';
import { Told } from '../told.ts';
import { NOTIFY, type Door } from './door.ts';

export function addWatch(program: Command, { open, terminal, signal }: Door): void {
  program
    .command('watch')
    .description(
      'look whether anything is missing, late, unfinished, paused or drifting; exit 9 when there is an alarm',
    )
    .option(...NOTIFY)
    .action(async ({ notify }: { notify: boolean }) => {
      const { verdicts } = await (await open({ notify })).watch({ signal });
      const rows = verdicts.map(({ database, check, result, detail, hint }) => [
        database ?? '',
        check,
        result === 'alarm' ? 'ALARM' : result,
        hint === '' ? detail : `${detail}. ${hint}`,
      ]);
      const text = table([['DATABASE', 'CHECK', 'RESULT', ''], ...rows]);
      const bad = watchError(verdicts);
      if (!bad) return answer(terminal, { verdicts }, text);
      const fault = new Told(bad.code, bad.message, bad.hint);
      fault.tell(terminal, { verdicts }, text);
      throw fault;
    });
}
