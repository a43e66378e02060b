import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { withLock } from '../../core/store/directory/lock.ts';
import { withWorkspace } from '../../core/sqlite/workspace.ts';

// A process for tests: takes the lock of an object repeatedly, or holds a lock or a temporary folder for some time.
const [mode = '', path = '', amount = '0'] = process.argv.slice(2);

if (mode === 'count')
  for (let n = 0; n < Number(amount); n += 1)
    await withLock(path, async () => {
      const count = Number(readFileSync(path, 'utf8'));
      await delay(Math.random() * 3);
      writeFileSync(path, String(count + 1));
    });
if (mode === 'hold') await withLock(path, () => held());
if (mode === 'work') await withWorkspace(path, () => held());

async function held(): Promise<void> {
  process.stdout.write('held\n');
  await delay(Number(amount));
}
