import type { Command } from 'commander';
import { notifyTestError } from '../../core/notify/test.ts';
import { ENGLISH, formatTook } from '../../core/lib/format.ts';
import { answer, table } from '../output.ts';
import { Told } from '../told.ts';
import type { Door } from './door.ts';

export function addNotifyTest(program: Command, { open, terminal }: Door): void {
  program
    .command('notify-test')
    .description(
      'send a sample to every channel of notifications, and say of each whether it worked',
    )
    .action(async () => {
      const tested = await (await open()).notifyTest();
      const { channels } = tested;
      const rows = channels.map(({ channel, ok, durationMs, warning, error }) => [
        channel,
        ok ? 'ok' : 'FAILED',
        formatTook(ENGLISH, durationMs),
        error ? `${error.message}. ${error.hint}` : (warning ?? ''),
      ]);
      const text = table([['CHANNEL', 'RESULT', 'TOOK', ''], ...rows]);
      const bad = notifyTestError(tested);
      if (!bad) return answer(terminal, { channels }, text);
      const fault = new Told(bad.code, bad.message, bad.hint);
      fault.tell(terminal, { channels }, text);
      throw fault;
    });
}
