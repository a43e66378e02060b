import { InvalidArgumentError, type Command } from 'commander';
import { readable } from '../readable.ts';
import type { CommandContext } from './context.ts';
import type { Globals } from '../setup.ts';

export const DEFAULT_PORT = 8080;

export function addDev(program: Command, { terminal, signal, env, cwd }: CommandContext): void {
  program
    .command('dev')
    .description(
      'try everything on this machine until Ctrl-C; creates a sample shop if there is no lifeboat.yaml',
    )
    .option(
      '--port <port>',
      'port of the functions on 127.0.0.1; 0 for any free one',
      toPort,
      DEFAULT_PORT,
    )
    .action(async ({ port }: { port: number }) => {
      const { config, store } = program.opts<Globals>();
      const say = (text: string) => {
        if (!terminal.json && !terminal.quiet) terminal.out(text);
      };
      const onLine = (line: string) =>
        terminal.err(terminal.json ? `${line}\n` : readable(line, terminal.colours));
      // Imported here, so that no other command has to load the functions.
      const { runDev } = await import('../dev/run.ts');
      await runDev({ cwd, env, config, store, port, signal, say, onLine });
    });
}

export function toPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('Use a number from 0 (any free port) to 65535.');
  return port;
}
