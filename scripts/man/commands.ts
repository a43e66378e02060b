import { commandTree, type CommandTree } from '../../cli/command-tree.ts';
import type { Terminal } from '../../cli/output.ts';
import { createProgram } from '../../cli/program.ts';
import type { Setup } from '../../cli/setup.ts';

/** The commands of the program, with nothing to run them on. */
export function lifeboatCommands(): CommandTree {
  const ignore = (): void => undefined;
  const streams = { out: ignore, err: ignore, progress: ignore, terminal: false, columns: 80 };
  const setup: Setup = {
    streams,
    version: '',
    colours: false,
    outColours: false,
    signal: new AbortController().signal,
    env: {},
    cwd: '/',
    hide: (text) => text,
    open: () => Promise.reject(new Error('a description opens nothing')),
  };
  const terminal: Terminal = {
    ...streams,
    json: false,
    quiet: false,
    colours: false,
    outColours: false,
    remark: ignore,
  };
  return commandTree(createProgram(setup, terminal));
}
