import { describe, expect, test } from 'vitest';
import { createCatalog } from '../../core/catalog/catalog.ts';
import { mortalStore } from '../fakes/mortal-store.ts';
import { at, begin, expectSafeCrashes, newest, pass, SAMPLE } from '../support/crash-stories.ts';
import { DATABASE } from '../support/simulated-backup.ts';

// test/system/retention-crash.test.ts has the other stories.
describe('a run that dies at any call of the store, before or after its effect', () => {
  test.each([SAMPLE])(
    '%s: kept backups stay, listed backups are complete, and leftovers expire',
    { timeout: 240_000 },
    (_title, ended, day) => expectSafeCrashes(ended, day),
  );

  test('retire keeps everything for the daily time, and a crash in it never leaves a child without its parent', async () => {
    const start = await begin(10);
    const catalogOf = (store: Parameters<typeof createCatalog>[0]) =>
      createCatalog(store, { olderKeys: [] }, () => at(200));
    for (let quiet = 10; quiet < 200; quiet += 1) start.lifecycle(at(quiet));
    const before = await newest(start, 200);
    const trial = mortalStore(start.clone(), 0, false);
    expect(await catalogOf(trial.store).retire(DATABASE, 3)).toBeGreaterThan(2);
    for (let call = 1; call <= trial.calls(); call += 1)
      for (const afterwards of [false, true]) {
        const store = start.clone();
        await expect(
          catalogOf(mortalStore(store, call, afterwards).store).retire(DATABASE, 3),
        ).rejects.toThrow(/died at call/);
        await pass(store.clone(), 200, 3, before, `call ${call}`);
        await pass(store, 203, 20, [], `call ${call}`);
      }
  });
});
