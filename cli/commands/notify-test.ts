import type { Command } from 'commander';
import { notifyTestError } from '../../core/notify/test.ts';
import { ENGLISH, formatTook } from '../../core/lib/text/format.ts';
import { printResult } from '../output.ts';
import { table } from '../table.ts';
import { okText } from '../colour.ts';
import { ReportedFailure } from '../reported-failure.ts';
import type { CommandContext } from './context.ts';

export function addNotifyTest(program: Command, { open, terminal }: CommandContext): void {
  program
    .command('notify-test')
    .description('send a sample to every notification channel and show which ones work')
    .action(async () => {
      const result = await (await open()).notifyTest();
      const { channels } = result;
      const rows = channels.map(({ channel, ok, durationMs, warning, error }) => [
        channel,
        okText(ok, terminal.outColours),
        formatTook(ENGLISH, durationMs),
        error ? `${error.message}. ${error.hint}` : (warning ?? ''),
      ]);
      const text = table([['CHANNEL', 'RESULT', 'TOOK', ''], ...rows], terminal.columns);
      const error = notifyTestError(result);
      if (!error) return printResult(terminal, { channels }, text);
      const failure = new ReportedFailure(error.code, error.message, error.hint);
      failure.report(terminal, { channels }, text);
      throw failure;
    });
}
