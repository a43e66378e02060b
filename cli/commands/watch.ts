import type { Command } from 'commander';
import type { Finding, WatchCheck, WatchVerdict } from '../../core/documents/finding.ts';
import { printResult } from '../output.ts';
import { table } from '../table.ts';
import { levelText } from '../colour.ts';
import { ReportedFailure } from '../reported-failure.ts';
import { NOTIFY, type CommandContext } from './context.ts';

export function addWatch(program: Command, { open, terminal, signal }: CommandContext): void {
  program
    .command('watch')
    .description(
      'check for missing, late or unfinished backups and changed settings; exit 9 on a problem',
    )
    .option(...NOTIFY)
    .action(async ({ notify }: { notify: boolean }) => {
      const { findings } = await (await open({ notify })).watch({ signal });
      const verdicts = findings.map(watchVerdict);
      const rows = verdicts.map(({ database, check, result, detail, hint }) => [
        database ?? '',
        check,
        levelText(result, terminal.outColours),
        hint === '' ? detail : `${detail}. ${hint}`,
      ]);
      const text = table([['DATABASE', 'CHECK', 'RESULT', ''], ...rows], terminal.columns);
      const { watchError } = await import('../../core/watch/watch.ts');
      const error = watchError(findings);
      if (!error) return printResult(terminal, { verdicts }, text);
      const failure = new ReportedFailure(error.code, error.message, error.hint);
      failure.report(terminal, { verdicts }, text);
      throw failure;
    });
}

function watchVerdict(finding: Finding<WatchCheck>): WatchVerdict {
  const { database, check, level, about, detail, hint } = finding;
  const result = level === 'fault' ? 'alarm' : level;
  return { database: database ?? null, check, result, about, detail, hint };
}
