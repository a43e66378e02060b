import type { Command } from 'commander';
import { readable } from '../readable.ts';
import type { CommandContext } from './context.ts';
import { DEFAULT_PORT, toPort } from './dev.ts';
import type { Globals } from '../setup.ts';

export function addServe(program: Command, { terminal, signal, env, cwd }: CommandContext): void {
  program
    .command('serve')
    .description(
      'run as a daemon: schedules, status page, metrics and backup-now, until it is stopped',
    )
    .option(
      '--host <address>',
      'address to listen on; any but a loopback address needs LIFEBOAT_SERVE_TOKEN',
      '127.0.0.1',
    )
    .option('--port <port>', 'port to listen on; 0 for any free one', toPort, DEFAULT_PORT)
    .action(async ({ host, port }: { host: string; port: number }) => {
      const { config, store } = program.opts<Globals>();
      const say = (text: string): void => {
        if (!terminal.json && !terminal.quiet) terminal.out(text);
      };
      const isForPeople = process.stderr.isTTY && !terminal.json;
      const onLine = (line: string): void =>
        terminal.err(isForPeople ? readable(line, terminal.colours) : `${line}\n`);
      // Imported here, so that no other command has to load the functions.
      const { runServe } = await import('../serve/run.ts');
      await runServe({ cwd, env, config, store, host, port, signal, say, onLine });
    });
}
