import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../core/config/load.ts';
import { jsonSchema } from '../../core/config/schema.ts';
import { KEYS, withTables } from '../../scripts/key-table.ts';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'configuration.md'), 'utf8');

/** The variables that the sources read or name. */
const variables = (): string[] => {
  const found = new Set<string>();
  for (const folder of ['cli', 'core', 'functions', 'infra'])
    for (const name of readdirSync(root).includes(folder)
      ? readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      : []) {
      if (!/\.(ts|tf)$/.test(name)) continue;
      const text = readFileSync(join(root, folder, name), 'utf8');
      for (const [, read, named] of text.matchAll(
        /env(?:ironment)?(?:\[['"]|\.)([A-Z][A-Z0-9_]+)|\b(LIFEBOAT_[A-Z_]+[A-Z])\b/g,
      ))
        found.add(read ?? named ?? '');
    }
  return [...found].sort();
};

describe('docs/configuration.md', () => {
  test('has the tables that `npm run schema` makes of the definition', () => {
    expect(withTables(page, jsonSchema())).toBe(page);
  });

  test('has a table for every part of the definition', () => {
    const rows = [...page.matchAll(KEYS)].flatMap(([table, section = '']) =>
      [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, key = '']) =>
        section === 'the file' ? key : `${section}.${key}`,
      ),
    );
    const keys: string[] = [];
    const walk = (schema: unknown, path: string): void => {
      const { properties, additionalProperties, items, anyOf } = schema as Record<
        string,
        Record<string, unknown> | undefined
      >;
      for (const [name, each] of Object.entries(properties ?? {})) {
        keys.push(`${path}${name}`);
        walk(each, `${path}${name}.`);
      }
      if (additionalProperties) walk(additionalProperties, `${path}<name>.`);
      if (items) walk(items, `${path.slice(0, -1)}[].`);
      for (const each of (anyOf as unknown[] | undefined) ?? []) walk(each, path);
    };
    walk(jsonSchema(), '');
    expect(keys.length).toBeGreaterThan(50);
    expect([...rows].sort()).toEqual([...keys].sort());
  });

  test.each(
    [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => [
      text.split('\n').find((line) => line.includes('source')) ?? 'no source',
      text,
    ]),
  )('has examples that are accepted:%s', (_, text) => {
    expect(parseConfig(text, '/etc/lifeboat').store).not.toBe('');
  });

  test('has one example for each kind of source', () => {
    const kinds = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].flatMap(([, text = '']) =>
      Object.values(parseConfig(text, '/').databases).map(({ origin }) => origin.kind),
    );
    expect([...new Set(kinds)].sort()).toEqual(['file', 'gs', 'https', 'ssh']);
  });

  test('names every variable of the environment that the sources know', () => {
    const found = variables();
    expect(found).toContain('LIFEBOAT_CONFIG');
    expect(found.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
