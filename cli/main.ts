#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { run } from './program.ts';

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
const lines = createLog({ write: (line) => void stderr.write(line) });
const log: typeof lines = (severity, message, fields) => {
  if (!stderr.isTTY && !(quiet && severity === 'INFO')) lines(severity, message, fields);
};

process.exitCode = await run(process.argv.slice(2), {
  streams: {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    terminal: stderr.isTTY,
    columns: stderr.columns ?? 80,
  },
  version,
  colours: stderr.isTTY && coloured,
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
