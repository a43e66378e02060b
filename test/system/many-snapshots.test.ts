import { join } from 'node:path';
import { expect, test } from 'vitest';
import { takeSnapshot } from '../../core/sqlite/snapshot/snapshot.ts';
import { SMALL, sql } from '../support/databases.ts';
import { folder } from '../support/files.ts';

// With many processes at once, the exit of one can be noticed before its answer is read.
test('forty simultaneous snapshots all get an answer', async () => {
  const path = join(folder(), 'app.db');
  sql(path, SMALL);
  const snapshots = await Promise.all(
    Array.from({ length: 40 }, () => takeSnapshot(path, { directory: folder() })),
  );
  expect(snapshots).toHaveLength(40);
});
