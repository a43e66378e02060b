import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { createFileSource } from '../../core/source/file.ts';
import { sourceContract } from '../contract/source.ts';

sourceContract(
  'the file source',
  async (path) => ({
    source: createFileSource(path),
    publish: async () => undefined,
    cut: () => undefined,
    leftovers: async () => [],
  }),
  { versions: false, live: true, remote: false },
);

test('the URL of a file has its hostile characters escaped', () => {
  expect(createFileSource('/srv/a b#c?.db').url).toBe(pathToFileURL('/srv/a b#c?.db').href);
  expect(createFileSource('/srv/a b#c?.db').url).not.toMatch(/[ #?]/);
});
