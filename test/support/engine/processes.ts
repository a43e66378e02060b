import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { sharedFork } from './fork.ts';

type Forks = { readonly own: typeof childProcess.fork; readonly shared: typeof childProcess.fork };

// Created once in each process of vitest, in which every test file may load this module again.
const global = globalThis as { lifeboatForks?: Forks };
const forks = (global.lifeboatForks ??= {
  own: childProcess.fork,
  shared: sharedFork(childProcess.fork),
});

/** Until the end of the test file, requests to SQLite share processes. */
export function useSharedProcesses(): void {
  replaceFork(forks.shared);
}

/** Until the end of the test file, each request to SQLite starts a process, as in the product. */
export function useOwnProcesses(): void {
  replaceFork(forks.own);
}

function replaceFork(fork: typeof childProcess.fork): void {
  childProcess.fork = fork;
  syncBuiltinESMExports();
}
