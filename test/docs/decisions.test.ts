import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './pages.ts';

test('docs/decisions/README.md lists every decision with a sentence', () => {
  const folder = join(ROOT, 'docs/decisions');
  const index = readFileSync(join(folder, 'README.md'), 'utf8');
  const rows = [...index.matchAll(/^\| \[\S+\]\((\S+\.md)\) \| .+\. \|$/gm)].map(
    ([, name]) => name,
  );
  expect(rows).toEqual(
    readdirSync(folder)
      .filter((name) => name !== 'README.md')
      .sort(),
  );
});
