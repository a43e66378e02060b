import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { pages, ROOT } from './pages.ts';

/** The anchors that GitHub gives to the headings of a page. */
const anchorsOf = (page: string): Set<string> =>
  new Set(
    [...page.replaceAll(/```[\s\S]*?```/g, '').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(/\s/g, '-'),
    ),
  );

test('every link of a page to a file or heading of the project has a target', () => {
  const all = pages();
  expect(all.size).toBeGreaterThan(10);
  const broken: string[] = [];
  for (const [name, page] of all)
    for (const [, target = ''] of page
      .replaceAll(/```[\s\S]*?```/g, '')
      .matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? name : join(dirname(name), path);
      const exists = existsSync(join(ROOT, file));
      const found = anchor === undefined || anchorsOf(all.get(file) ?? '').has(anchor);
      if (!exists || !found) broken.push(`${name}: ${target}`);
    }
  expect(broken).toEqual([]);
});
