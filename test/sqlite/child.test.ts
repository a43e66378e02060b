import { expect, onTestFinished, test } from 'vitest';
import { runChild } from '../../core/sqlite/child.ts';
import { useOwnProcesses } from '../support/engine/processes.ts';

useOwnProcesses();

test('a child that cannot be started is an error of its caller, and ends no process', async () => {
  const { execPath } = process;
  onTestFinished(() => void (process.execPath = execPath));
  process.execPath = '/nonexistent/node';
  await expect(runChild('snapshot-child', { input: {} })).rejects.toMatchObject({ code: 'ENOENT' });
});
