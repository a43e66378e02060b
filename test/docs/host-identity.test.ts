import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { permissionsOnPage } from '../hcl/permissions.ts';
import { ROOT } from './pages.ts';

const read = (name: string): string => readFileSync(join(ROOT, 'docs', name), 'utf8');

/** What the commands of docs/setup.md grant a host on its bucket: `storage.objects.get state/*`. */
function grantsOfHost(): Set<string> {
  const setup = read('setup.md');
  const roles = new Map(
    [...setup.matchAll(/roles create (\w+) .*--permissions=(\S+)/g)].map(
      ([, role = '', permissions = '']) => [role, permissions.split(',')] as const,
    ),
  );
  const grants = [...setup.matchAll(/^grant (\w+) (?:None|"\$\(under (\w+)\)")$/gm)];
  expect(grants.length).toBe(5);
  return new Set(
    grants.flatMap(([, role = '', folder]) =>
      (roles.get(role) ?? []).map(
        (permission) => `${permission} ${folder === undefined ? 'the bucket' : `${folder}/*`}`,
      ),
    ),
  );
}

/** The same of the functions that do what a host does. */
function grantsOfFunctions(): Set<string> {
  const names = ['backup', 'restore-test', 'watch'];
  return new Set(
    permissionsOnPage(read('permissions.md'))
      .filter(({ identity, on }) => names.includes(identity) && /^(the bucket|\w+\/\*)$/.test(on))
      .map(({ permission, on }) => `${permission} ${on}`),
  );
}

test('a host gets on its bucket what the functions have there together, and no more', () => {
  const functions = grantsOfFunctions();
  const wide = (grant: string): boolean => functions.has(grant.replace(/ \w+\/\*$/, ' the bucket'));
  const host = grantsOfHost();
  const covered = (grant: string): boolean =>
    host.has(grant) || host.has(grant.replace(/ \w+\/\*$/, ' the bucket'));
  expect([...functions].filter((grant) => !covered(grant))).toEqual([]);
  expect([...host].filter((grant) => !functions.has(grant) && !wide(grant))).toEqual([]);
});

test('the conditions of a host name the objects below each folder of its bucket', () => {
  expect(read('setup.md')).toContain(
    String.raw`expression=resource.name.startsWith(\"projects/_/buckets/acme-backups/objects/$1/\")`,
  );
});
