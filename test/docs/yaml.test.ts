import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../core/config/load.ts';
import { configSchema } from '../../core/config/schema.ts';
import { pages } from './pages.ts';

const KEYS = Object.keys(configSchema.shape);
/** The top-level keys of the other YAML on the pages: Prometheus and its rules. */
const FOREIGN = ['scrape_configs', 'groups'];

const blocks = [...pages()].flatMap(([name, page]) =>
  [...page.matchAll(/^( *)```ya?ml\n([^]*?)^ *```/gm)].map(([, indent = '', block = '']) => ({
    name,
    block: block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  })),
);

test('the pages have YAML blocks', () => {
  expect(blocks.length).toBeGreaterThan(8);
});

test.each(blocks)('Lifeboat reads the YAML on $name as it stands', ({ block }) => {
  const keys = Object.keys(parse(block) as object);
  if (keys.every((key) => FOREIGN.includes(key))) return;
  expect(keys.filter((key) => !KEYS.includes(key))).toEqual([]);
  expect(parseConfig(block, '/etc/lifeboat').store).toBeDefined();
});
