import { vi } from 'vitest';

// Starting a process costs a backup of a small database more than all of its work, so unit tests share processes.
// test/sqlite, whose subject they are, and the other suites start them as the product does.
vi.mock('node:child_process', async (original) => {
  const actual = await original<typeof import('node:child_process')>();
  const { sharedFork } = await import('./fork.ts');
  return { ...actual, fork: sharedFork(actual.fork) };
});
