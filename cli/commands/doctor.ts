import type { Command } from 'commander';
import type { DoctorResult } from '../../core/documents/finding.ts';
import { doctorError, type DoctorFinding } from '../../core/setup/doctor/finding.ts';
import { LifeboatError } from '../../core/lib/errors.ts';
import { counted } from '../../core/watch/finding.ts';
import { levelText } from '../colour.ts';
import { printResult, type Terminal } from '../output.ts';
import { table } from '../table.ts';
import { ReportedFailure } from '../reported-failure.ts';
import type { CommandContext } from './context.ts';
import type { Globals } from '../setup.ts';

const EXIT_MS = 1000;
const FINDING_LEVELS = ['ok', 'warning', 'fault'] as const;

export function addDoctor(program: Command, { terminal, signal, env, cwd }: CommandContext): void {
  program
    .command('doctor')
    .description('check the setup and explain how to fix what is wrong')
    .option('--strict', 'exit 9 when there are warnings, but no problems', false)
    .action(async ({ strict }: { strict: boolean }) => {
      const { config, store } = program.opts<Globals>();
      const { doctor } = await import('../../core/setup/doctor/doctor.ts');
      const { findings } = await doctor({ configPath: config, store, cwd, env, signal });
      // A check that timed out must not keep the process running: not every client can be stopped.
      setTimeout(() => process.exit(), EXIT_MS).unref();
      const results = findings.map(doctorResult);
      const text = findingsText(results, terminal);
      const error = doctorError(findings) ?? (strict ? strictError(results) : undefined);
      if (!error) return printResult(terminal, { findings: results }, text);
      const failure = new ReportedFailure(error.code, error.message, error.hint);
      failure.report(terminal, { findings: results }, text);
      throw failure;
    });
}

function doctorResult({ check, about, level, detail, hint, code }: DoctorFinding): DoctorResult {
  return { check, about, result: level, detail, hint, code };
}

/** The worst findings come last, where a person looks first, followed by a summary. */
function findingsText(
  results: readonly DoctorResult[],
  { outColours, columns }: Pick<Terminal, 'outColours' | 'columns'>,
): string {
  const rows = FINDING_LEVELS.flatMap((level) =>
    results.filter(({ result }) => result === level),
  ).map(({ check, about, result, detail, hint }) => [
    check,
    levelText(result, outColours),
    `${about === '' ? '' : `${about}: `}${detail}${hint === '' ? '' : `. ${hint}`}`,
  ]);
  const [good = 0, warnings = 0, faults = 0] = FINDING_LEVELS.map(
    (level) => results.filter(({ result }) => result === level).length,
  );
  const sum = `${counted(faults, 'problem')}, ${counted(warnings, 'warning')}, ${good} ok\n`;
  return table([['CHECK', 'RESULT', ''], ...rows], columns) + sum;
}

function strictError(results: readonly DoctorResult[]): LifeboatError | undefined {
  const warnings = results.filter(({ result }) => result === 'warning');
  const [first] = warnings;
  if (first === undefined) return undefined;
  return new LifeboatError(
    'stale',
    `${counted(warnings.length, 'warning')}. First: ${first.about === '' ? '' : `${first.about}: `}${first.detail}`,
    first.hint,
  );
}
