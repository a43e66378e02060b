#!/usr/bin/env node
// Loading a command takes up to a second, so the signal handlers come first, and everything else is
// imported after them.
import { interruptSignal } from './interrupt.ts';

const signal = interruptSignal();
// An older Node has no stable node:sqlite and would fail in the middle of a command.
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `error: Node ${process.versions.node} is too old\nhint: Install Node 24 or newer from nodejs.org.\n`,
  );
  process.exit(2);
}
const { start } = await import('./start.ts');
process.exitCode = await start(process, signal);
// A call that the signal could not end would keep the process running until it times out.
if (signal.aborted) process.stdout.write('', () => process.stderr.write('', () => process.exit()));
