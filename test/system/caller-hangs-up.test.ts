import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createShop } from '../../demo/shop.ts';
import { serveFunctions } from '../support/functions.ts';

test('a caller of backup-now that hangs up ends the run', async () => {
  const { now, cwd, app, lines } = await serveFunctions();
  rmSync(join(cwd, 'notes.db'));
  createShop(join(cwd, 'notes.db'), 64 * 2 ** 20);
  const headers = { accept: 'application/x-ndjson', 'content-type': 'application/json' };
  const call = request(now, { method: 'POST', headers });
  call.on('error', () => undefined);
  call.end(JSON.stringify({ database: 'notes' }));
  await once(call, 'response');
  call.destroy();
  await expect
    .poll(() => lines.map(({ code }) => code), { timeout: 20_000 })
    .toContain('interrupted');
  expect(await (await app()).list()).toEqual([]);
});
