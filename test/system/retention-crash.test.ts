import { describe, test } from 'vitest';
import { expectSafeCrashes, STORIES } from '../support/crash-stories.ts';

// The unit suite has the sample.
describe('a run that dies at any call of the store, before or after its effect', () => {
  test.each(STORIES)(
    '%s: kept backups stay, listed backups are complete, and leftovers expire',
    { timeout: 240_000 },
    (_title, ended, day) => expectSafeCrashes(ended, day),
  );
});
