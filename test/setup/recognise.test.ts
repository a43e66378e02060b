import { describe, expect, test } from 'vitest';
import { djangoFiles, frameworkOf, nameFor, railsFiles } from '../../core/setup/init/recognise.ts';

const django = (name: string, engine = 'django.db.backends.sqlite3') => `
from pathlib import Path
# DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'old.sqlite3'}}
BASE_DIR = Path(__file__).resolve().parent.parent
DATABASES = {
    "default": {
        "ENGINE": "${engine}",
        "NAME": ${name},
        "OPTIONS": {"timeout": 20},
    }
}
`;
const paths = (named: readonly { parts: readonly string[] }[]): string[] =>
  named.map(({ parts }) => parts.join('/'));

describe("Django's settings", () => {
  test.each([
    ['BASE_DIR / "db.sqlite3"', ['db.sqlite3']],
    [`BASE_DIR / 'data' / 'shop.db'`, ['data/shop.db']],
    [`os.path.join(BASE_DIR, 'db.sqlite3')`, ['db.sqlite3']],
    ['str(BASE_DIR / "db.sqlite3")', ['db.sqlite3']],
    ['"var/db.sqlite3"', ['var/db.sqlite3']],
    ['os.environ["DB"]', []],
    ['env("DB", default="x.sqlite3")', []],
    ['":memory:"', []],
    ['BASE_DIR / "../x.sqlite3"', []],
    ['path_of_the_database', []],
  ])('name %s as %j', (name, expected) => {
    expect(paths(djangoFiles(django(name)))).toEqual(expected);
  });

  test('of another engine name nothing, and half a file is no error', () => {
    expect(djangoFiles(django('"shop"', 'django.db.backends.postgresql'))).toEqual([]);
    expect(djangoFiles(`'ENGINE': 'django.db.backends.sqlite3'`)).toEqual([]);
    expect(djangoFiles('')).toEqual([]);
  });

  test('of a million empty lines are read in one pass', () => {
    expect(djangoFiles('\n'.repeat(1_000_000))).toEqual([]);
  });
});

describe("Rails' database.yml", () => {
  test('names the files of production, without those of the cache and of Action Cable', () => {
    const text = `default: &default
  adapter: sqlite3
development:
  <<: *default
  database: storage/development.sqlite3
production:
  primary:
    <<: *default
    database: storage/production.sqlite3
  cache:
    database: storage/production_cache.sqlite3
  queue:
    database: storage/production_queue.sqlite3
`;
    expect(paths(railsFiles(text))).toEqual([
      'storage/production.sqlite3',
      'storage/production_queue.sqlite3',
    ]);
    expect(paths(railsFiles('development:\n  database: db/dev.sqlite3 # here\n'))).toEqual([
      'db/dev.sqlite3',
    ]);
    expect(paths(railsFiles('production:\n  database: <%= ENV["DB"] %>\n'))).toEqual([]);
  });
});

describe('a name', () => {
  test.each([
    [['shop.db'], 'shop'],
    [['db.sqlite3'], 'my-site'],
    [['wiki', 'db.sqlite3'], 'wiki'],
    [['pb_data', 'data.db'], 'my-site'],
    [['storage', 'production.sqlite3'], 'my-site'],
    [['Café & Bar.db'], 'Caf-Bar'],
    [['taken.db'], 'taken-2'],
    [['…….db'], 'database'],
  ])('for %j is %s', (path, name) => {
    expect(nameFor(path, 'my site', new Set(['taken']))).toBe(name);
  });
});

describe('the framework', () => {
  test.each([
    ['CREATE TABLE "django_migrations" ("id" integer)', 'django'],
    ['CREATE TABLE "ar_internal_metadata" ("key" varchar)', 'rails'],
    ['CREATE TABLE notes (id)', undefined],
  ])('is told by the table of its migrations: %s', (text, framework) => {
    expect(frameworkOf(text)).toBe(framework);
  });
});
