import { run } from '../../cli/program.ts';
import { openApp } from '../../core/app/open.ts';
import { createLog } from '../../core/lib/log.ts';

/**
 * Runs a command line in this process, without a terminal: starting a process takes longer than
 * most commands. Tests of signals, of exits and of the installed program start `cli/main.ts`.
 */
export async function runCli(
  cwd: string,
  args: readonly string[],
  variables: Readonly<Record<string, string | undefined>> = {},
  signal = new AbortController().signal,
): Promise<{ status: number; stdout: string; stderr: string }> {
  const env = { TMPDIR: cwd, ...variables };
  const [out, err]: [string[], string[]] = [[], []];
  const log = createLog({ write: (line) => void err.push(line) });
  const status = await run(args, {
    streams: {
      out: (text) => void out.push(text),
      err: (text) => void err.push(text),
      terminal: false,
      columns: 80,
    },
    version: '0.0.0',
    colours: false,
    outColours: false,
    signal,
    env,
    cwd,
    open: ({ config, store }, { notify }) =>
      openApp({
        notify,
        cwd,
        env,
        log,
        ...(config === undefined ? {} : { configPath: config }),
        ...(store === undefined ? {} : { store }),
      }),
  });
  return { status, stdout: out.join(''), stderr: err.join('') };
}
