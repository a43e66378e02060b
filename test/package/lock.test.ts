import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lockOf, type Lock, type Manifest } from '../../scripts/package/lock.ts';

const root = join(import.meta.dirname, '..', '..');
const manifest = (dependencies: Record<string, string>): Manifest => ({
  name: 'lifeboat',
  version: '1.0.0',
  license: 'Apache-2.0',
  dependencies,
});
const lock = (packages: Lock['packages']): Lock => ({ lockfileVersion: 3, packages });
const paths = (found: Record<string, unknown>): string[] =>
  Object.keys(found['packages'] as object);
const ENGINES = { node: '>=24' };

describe('the lock of the package', () => {
  test('has what the production dependencies need and nothing else', () => {
    const found = lockOf(
      manifest({ a: '1.0.0' }),
      ENGINES,
      lock({
        'node_modules/a': { version: '1.0.0', dependencies: { b: '^1' } },
        'node_modules/b': { version: '1.1.0', dependencies: { a: '^1' } },
        'node_modules/tool': { version: '9.0.0', dev: true, dependencies: { b: '^1' } },
      }),
    );
    expect(paths(found)).toEqual(['', 'node_modules/a', 'node_modules/b']);
  });

  test('finds the nearest copy of a package, as Node does, also for scoped names', () => {
    const found = lockOf(
      manifest({ '@x/a': '1.0.0', b: '2.0.0' }),
      ENGINES,
      lock({
        'node_modules/@x/a': { version: '1.0.0', dependencies: { b: '^1', c: '^1' } },
        'node_modules/@x/a/node_modules/b': { version: '1.0.0', dependencies: { c: '^1' } },
        'node_modules/b': { version: '2.0.0' },
        'node_modules/c': { version: '1.0.0' },
        'node_modules/@x/other/node_modules/c': { version: '3.0.0' },
      }),
    );
    expect(paths(found)).toEqual([
      '',
      'node_modules/@x/a',
      'node_modules/@x/a/node_modules/b',
      'node_modules/b',
      'node_modules/c',
    ]);
  });

  test('keeps optional packages optional and accepts that they are missing', () => {
    const found = lockOf(
      manifest({ a: '1.0.0' }),
      ENGINES,
      lock({
        'node_modules/a': {
          version: '1.0.0',
          optionalDependencies: { fast: '^1', absent: '^1' },
          peerDependencies: { peer: '*' },
        },
        'node_modules/fast': { version: '1.0.0', devOptional: true },
      }),
    );
    expect(found['packages']).toMatchObject({ 'node_modules/fast': { optional: true } });
    expect(JSON.stringify(found)).not.toContain('devOptional');
  });

  test.each([
    [{ a: '1.0.0' }, {}, 'has no a, which lifeboat needs'],
    [
      { a: '1.0.0' },
      { 'node_modules/a': { version: '1.0.1' } },
      'has a 1.0.1, package.json asks for 1.0.0',
    ],
    [
      { a: '1.0.0' },
      { 'node_modules/a': { version: '1.0.0', dependencies: { b: '1' } } },
      'has no b, which node_modules/a needs',
    ],
  ])('is refused for %o over %o', (dependencies, packages, message) => {
    expect(() =>
      lockOf(manifest(dependencies as Record<string, string>), ENGINES, lock(packages)),
    ).toThrow(message);
  });

  test('of this project leaves out development tools, keeps every digest and names no registry', () => {
    const project = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest & {
      devDependencies: Record<string, string>;
    };
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
    const found = lockOf(project, ENGINES, lock);
    // A development tool may also be a dependency of a production package, such as @grpc/proto-loader.
    const tools = Object.keys(project.devDependencies).filter(
      (name) =>
        (lock.packages as Record<string, { dev?: boolean }>)[`node_modules/${name}`]?.dev === true,
    );
    const packages = found['packages'] as Record<string, { integrity?: string; dev?: boolean }>;
    const direct = Object.keys(project.dependencies).map((name) => `node_modules/${name}`);
    expect(Object.keys(packages)).toEqual(expect.arrayContaining(direct));
    expect(tools.length).toBeGreaterThan(5);
    expect(tools.filter((name) => `node_modules/${name}` in packages)).toEqual([]);
    expect(
      Object.entries(packages).filter(
        ([path, { integrity, dev }]) => path !== '' && (!integrity || dev === true),
      ),
    ).toEqual([]);
    expect(JSON.stringify(found)).not.toContain('"resolved"');
  });
});
