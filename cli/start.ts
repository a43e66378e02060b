import { openApp } from '../core/app/open.ts';
import { environmentSecrets } from '../core/config/secrets.ts';
import { packageVersion } from '../core/app/version.ts';
import { systemCode, toLifeboatError } from '../core/lib/errors.ts';
import { createLog, redactedLog, type Log } from '../core/lib/log/log.ts';
import { createRedaction } from '../core/lib/log/redaction.ts';
import { hasFlag } from './flags.ts';
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
  const redaction = createRedaction(environmentSecrets(env));
  const log = redactedLog(createTerminalLog(host, colours), redaction.hide);
  return run(argv.slice(2), {
    streams: {
      out: (text) => void stdout.write(visibleOutput(text)),
      err: (text) => void stderr.write(visibleOutput(text)),
      progress: (text) => void stderr.write(text),
      terminal: stderr.isTTY,
      columns: stderr.columns ?? 80,
      outColumns: stdout.isTTY ? stdout.columns : undefined,
    },
    version: await packageVersion(),
    colours,
    outColours: stdout.isTTY && isColoured,
    signal,
    env,
    cwd,
    hide: redaction.hide,
    open: ({ config, store }, { notify }) =>
      openApp({ notify, cwd, env, log, redaction, configPath: config, store }),
  });
}

/**
 * JSON lines, or on a terminal readable ones. A person at a terminal gets the results and the
 * progress already, so those events are left out there unless they are asked for; `--quiet` leaves
 * them out everywhere.
 */
function createTerminalLog({ argv, stderr }: HostProcess, colours: boolean): Log {
  const [quiet, verbose] = [hasFlag(argv, 'quiet'), hasFlag(argv, 'verbose')];
  // On a terminal the progress bar may stand on the line; it draws itself again.
  const write = (line: string) =>
    void stderr.write(stderr.isTTY ? `\r\u001B[K${visibleOutput(readable(line, colours))}` : line);
  const jsonLines = createLog({ write });
  return (severity, message, logged) => {
    // The command itself reports how a run or a watch ended.
    const isReported = logged.event === 'run' || logged.event === 'watch';
    const isRedundant = (stderr.isTTY || quiet) && (severity === 'INFO' || isReported);
    if (!isRedundant || (verbose && !quiet)) jsonLines(severity, message, logged);
  };
}

/** A reader that closed the pipe (`lifeboat list | head`) wants no more; any other error counts. */
function endOutput({ stderr, exit }: HostProcess, error: Error): void {
  if (systemCode(error) === 'EPIPE') return;
  stderr.write(`error: the output could not be written: ${error.message}\n`);
  exit(toLifeboatError(error).exit);
}
