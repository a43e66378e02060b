import { openApp } from '../core/app/open.ts';
import { packageVersion } from '../core/app/version.ts';
import { systemCode, toLifeboatError } from '../core/lib/errors.ts';
import { createLog, type Log } from '../core/lib/log.ts';
import { run } from './program.ts';
import { readable } from './readable.ts';
import { visibleOutput } from './visible.ts';

type HostProcess = Pick<NodeJS.Process, 'argv' | 'cwd' | 'env' | 'exit' | 'stderr' | 'stdout'>;

/** Runs the command line of this process. Returns the exit status; throws nothing. */
export async function start(host: HostProcess, signal: AbortSignal): Promise<number> {
  const { argv, env, stdout, stderr } = host;
  stdout.on('error', (error) => endOutput(host, error));
  stderr.on('error', () => undefined);
  // https://no-color.org: an empty value does not count.
  const isColoured = (env['NO_COLOR'] ?? '') === '';
  const colours = stderr.isTTY && isColoured;
  const cwd = host.cwd();
  const log = createTerminalLog(host, colours);
  return run(argv.slice(2), {
    streams: {
      out: (text) => void stdout.write(visibleOutput(text)),
      err: (text) => void stderr.write(visibleOutput(text)),
      progress: (text) => void stderr.write(text),
      terminal: stderr.isTTY,
      columns: stderr.columns ?? 80,
    },
    version: await packageVersion(),
    colours,
    outColours: stdout.isTTY && isColoured,
    signal,
    env,
    cwd,
    open: ({ config, store }, { notify }) =>
      openApp({ notify, cwd, env, log, configPath: config, store }),
  });
}

/**
 * JSON lines, or on a terminal readable ones. A person at a terminal gets the results and the
 * progress already, so those events are left out there.
 */
function createTerminalLog({ argv, stderr }: HostProcess, colours: boolean): Log {
  const quiet = argv.includes('--quiet');
  // On a terminal the progress bar may stand on the line; it draws itself again.
  const write = (line: string) =>
    void stderr.write(stderr.isTTY ? `\r\u001B[K${visibleOutput(readable(line, colours))}` : line);
  const jsonLines = createLog({ write });
  return (severity, message, logged) => {
    const isRedundant = stderr.isTTY
      ? severity === 'INFO' || logged.event === 'run' || logged.event === 'watch'
      : quiet && severity === 'INFO';
    if (!isRedundant) jsonLines(severity, message, logged);
  };
}

/** A reader that closed the pipe (`lifeboat list | head`) wants no more; any other error counts. */
function endOutput({ stderr, exit }: HostProcess, error: Error): void {
  if (systemCode(error) === 'EPIPE') return;
  stderr.write(`error: the output could not be written: ${error.message}\n`);
  exit(toLifeboatError(error).exit);
}
