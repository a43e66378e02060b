#!/usr/bin/env node
// Loading a command takes up to a second, so the signal handlers come first, and everything else is
// imported after them.
import { interruptSignal } from './interrupt.ts';
import { platformProblem } from './platform.ts';

const signal = interruptSignal();
const { platform, versions, argv } = process;
const problem = platformProblem({ platform, version: versions.node }, argv.slice(2));
if (problem) {
  process.stderr.write(`error: ${problem.error}\nhint: ${problem.hint}\n`);
  process.exit(2);
}
const { start } = await import('./start.ts');
process.exitCode = await start(process, signal);
// A call that the signal could not end would keep the process running until it times out.
if (signal.aborted) process.stdout.write('', () => process.stderr.write('', () => process.exit()));
