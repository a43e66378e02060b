import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { DAY_MS } from '../../core/lib/text/time.ts';
import { createFileSource } from '../../core/source/file.ts';
import type { Pulled } from '../../core/source/source.ts';
import { sourceContract } from '../contract/source.ts';
import { SMALL, sql } from '../support/databases.ts';
import { folder } from '../support/files.ts';

sourceContract(
  'the file source',
  async (path) => ({
    source: createFileSource(path, () => new Date()),
    publish: async () => undefined,
    cut: () => undefined,
    leftovers: async () => [],
  }),
  { versions: false, live: true, remote: false },
);

test('the URL of a file has its hostile characters escaped', () => {
  const { url } = createFileSource('/srv/a b#c?.db', () => new Date());
  expect(url).toBe(pathToFileURL('/srv/a b#c?.db').href);
  expect(url).not.toMatch(/[ #?]/);
});

test('a snapshot has the time of the clock that the run goes by', async () => {
  const path = join(folder(), 'app.db');
  sql(path, SMALL);
  const nextYear = () => new Date(Date.now() + 365 * DAY_MS);
  const pulled = await createFileSource(path, nextYear).pull({ directory: folder() });
  const { takenAt } = pulled as Pulled;
  expect(takenAt.getTime()).toBeGreaterThan(Date.now() + 364 * DAY_MS);
});
