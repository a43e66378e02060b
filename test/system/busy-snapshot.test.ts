import { test } from 'vitest';
import { expectConsistentSnapshots } from '../support/busy-snapshot.ts';

test.each([['delete'], ['truncate'], ['persist'], ['memory']])(
  'a snapshot under a busy writer is consistent in %s mode every time and reports its progress',
  (mode) => expectConsistentSnapshots(mode),
);
