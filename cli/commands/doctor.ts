import type { Command } from 'commander';
import type { DoctorResult } from '../../core/documents/finding.ts';
import { doctorError, type DoctorFinding } from '../../core/setup/doctor/finding.ts';
import { printResult, table } from '../output.ts';
import { ReportedFailure } from '../reported-failure.ts';
import type { CommandContext } from './context.ts';
import type { Globals } from '../setup.ts';

const EXIT_MS = 1000;

export function addDoctor(program: Command, { terminal, signal, env, cwd }: CommandContext): void {
  program
    .command('doctor')
    .description('check the setup and explain how to fix what is wrong')
    .action(async () => {
      const { config, store } = program.opts<Globals>();
      const { doctor } = await import('../../core/setup/doctor/doctor.ts');
      const { findings } = await doctor({ configPath: config, store, cwd, env, signal });
      // A check that timed out must not keep the process running: not every client can be stopped.
      setTimeout(() => process.exit(), EXIT_MS).unref();
      const results = findings.map(doctorResult);
      const rows = results.map(({ check, about, result, detail, hint }) => [
        check,
        result === 'fault' ? 'FAULT' : result,
        `${about === '' ? '' : `${about}: `}${detail}${hint === '' ? '' : `. ${hint}`}`,
      ]);
      const text = table([['CHECK', 'RESULT', ''], ...rows]);
      const error = doctorError(findings);
      if (!error) return printResult(terminal, { findings: results }, text);
      const failure = new ReportedFailure(error.code, error.message, error.hint);
      failure.report(terminal, { findings: results }, text);
      throw failure;
    });
}

function doctorResult({ check, about, level, detail, hint, code }: DoctorFinding): DoctorResult {
  return { check, about, result: level, detail, hint, code };
}
