import { InvalidArgumentError, type Command } from 'commander';
import { LifeboatError } from '../../core/lib/errors.ts';
import { readable } from '../readable.ts';
import type { Door } from './door.ts';
import type { Globals } from '../setup.ts';

const DEFAULT_PORT = 8080;

export function addDev(program: Command, { terminal, signal, env, cwd }: Door): void {
  program
    .command('dev')
    .description(
      'run the whole system on this machine: functions, schedules, store; with a sample when nothing is configured',
    )
    .option('--port <port>', 'where the functions listen, on 127.0.0.1', toPort, DEFAULT_PORT)
    .action(async ({ port }: { port: number }) => {
      const { config, store } = program.opts<Globals>();
      const say = (text: string) => {
        if (!terminal.json && !terminal.quiet) terminal.out(text);
      };
      const onLine = (line: string) =>
        terminal.err(terminal.json ? `${line}\n` : readable(line, terminal.colours));
      // Loaded when it is asked for: every other command would wait for it.
      const { runDev } = await import('../dev/run.ts');
      await runDev({ cwd, env, config, store, port, signal, say, onLine }).catch(
        (error: unknown) => {
          if (error instanceof Error && error.message.includes('did not start'))
            throw new LifeboatError(
              'usage',
              error.message,
              'Choose another with --port; 0 takes any that is free.',
              { cause: error },
            );
          throw error;
        },
      );
    });
}

function toPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('It is a number from 0 (any free one) to 65535.');
  return port;
}
