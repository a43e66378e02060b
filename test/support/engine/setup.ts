import { useSharedProcesses } from './processes.ts';

// Starting a process for SQLite takes longer than backing up a small database, so unit tests share
// processes. The other suites, and a file that calls `useOwnProcesses`, start them as the product
// does. This runs before each test file.
useSharedProcesses();
