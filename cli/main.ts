#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { run } from './program.ts';
import { readable } from './readable.ts';

// Node without node:sqlite's stable features would fail in the middle; say it at once.
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(`error: Node ${process.versions.node} is too old\nhint: Lifeboat needs Node 24 or newer.\n`);
  process.exit(2);
}

const [{ openApp }, { createLog }] = await Promise.all([import('../core/app.ts'), import('../core/log.ts')]);
const { env, stdout, stderr } = process;
const packageUrl = new URL(import.meta.url.endsWith('.ts') ? '../package.json' : '../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(packageUrl, 'utf8')) as { version: string };
const interrupt = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupt.abort());

// https://no-color.org: an empty one does not count.
const coloured = (env['NO_COLOR'] ?? '') === '';
const quiet = process.argv.includes('--quiet');
const colours = stderr.isTTY && coloured;
// A person has the answer and the progress already; a line of the log comes before the bar, which draws itself again.
const write = (line: string) => void stderr.write(stderr.isTTY ? `\r\u001B[K${readable(line, colours)}` : line);
const lines = createLog({ write });
const log: typeof lines = (severity, message, logged) => {
  const told = stderr.isTTY ? severity === 'INFO' || logged.event === 'run' || logged.event === 'watch' : quiet && severity === 'INFO';
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
