import type { Command } from 'commander';
import { doctorError } from '../../core/setup/doctor/finding.ts';
import { answer, table } from '../output.ts';
import { Told } from '../told.ts';
import type { Door } from './door.ts';
import type { Globals } from '../setup.ts';

const ENOUGH_MS = 1000;

export function addDoctor(program: Command, { terminal, signal, env, cwd }: Door): void {
  program
    .command('doctor')
    .description('look whether everything that backups need is there and works, and say what to do')
    .action(async () => {
      const { config, store } = program.opts<Globals>();
      const { doctor } = await import('../../core/setup/doctor/doctor.ts');
      const { findings } = await doctor({ configPath: config, store, cwd, env, signal });
      // A call that was given up must not keep the process: not every client can be told to stop.
      setTimeout(() => process.exit(), ENOUGH_MS).unref();
      const rows = findings.map(({ check, about, result, detail, hint }) => [
        check,
        result === 'fault' ? 'FAULT' : result,
        `${about === '' ? '' : `${about}: `}${detail}${hint === '' ? '' : `. ${hint}`}`,
      ]);
      const text = table([['CHECK', 'RESULT', ''], ...rows]);
      const bad = doctorError(findings);
      if (!bad) return answer(terminal, { findings }, text);
      const fault = new Told(bad.code, bad.message, bad.hint);
      fault.tell(terminal, { findings }, text);
      throw fault;
    });
}
