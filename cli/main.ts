#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { run } from './program.ts';
import { readable } from './readable.ts';

// Node without node:sqlite's stable features would fail in the middle; say it at once.
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `error: Node ${process.versions.node} is too old\nhint: Lifeboat needs Node 24 or newer.\n`,
  );
  process.exit(2);
}

const [{ openApp }, { createLog }] = await Promise.all([
  import('../core/app/open.ts'),
  import('../core/lib/log.ts'),
]);
const { env, stdout, stderr } = process;
const packageUrl = new URL(
  import.meta.url.endsWith('.ts') ? '../package.json' : '../../package.json',
  import.meta.url,
);
const { version } = JSON.parse(readFileSync(packageUrl, 'utf8')) as { version: string };
const interrupt = new AbortController();
const INTERRUPTED = 130;
/** What hears the signal has ended by then, and has told of it. */
const PATIENCE_MS = 20_000;
/** npm hands on what the terminal has sent already; that is not a second wish to end. */
const ECHO_MS = 1000;
let first = Infinity;
function stop(): void {
  if (performance.now() - first > ECHO_MS) process.exit(INTERRUPTED);
  if (interrupt.signal.aborted) return;
  first = performance.now();
  interrupt.abort();
  setTimeout(() => process.exit(INTERRUPTED), PATIENCE_MS).unref();
}
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, stop);

// https://no-color.org: an empty one does not count.
const coloured = (env['NO_COLOR'] ?? '') === '';
const quiet = process.argv.includes('--quiet');
const colours = stderr.isTTY && coloured;
// A person has the answer and the progress already; a line of the log comes before the bar, which
// draws itself again.
function write(line: string) {
  return void stderr.write(stderr.isTTY ? `\r\u001B[K${readable(line, colours)}` : line);
}
const lines = createLog({ write });
const log: typeof lines = (severity, message, logged) => {
  const told = stderr.isTTY
    ? severity === 'INFO' || logged.event === 'run' || logged.event === 'watch'
    : quiet && severity === 'INFO';
  if (!told) lines(severity, message, logged);
};

process.exitCode = await run(process.argv.slice(2), {
  streams: {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    terminal: stderr.isTTY,
    columns: stderr.columns ?? 80,
  },
  version,
  colours,
  outColours: stdout.isTTY && coloured,
  signal: interrupt.signal,
  env,
  cwd: process.cwd(),
  open: ({ config, store }, { notify }) =>
    openApp({
      notify,
      cwd: process.cwd(),
      env,
      log,
      ...(config === undefined ? {} : { configPath: config }),
      ...(store === undefined ? {} : { store }),
    }),
});
// A call that was left behind in the middle would keep the process until it gives up.
if (interrupt.signal.aborted) stdout.write('', () => stderr.write('', () => process.exit()));
