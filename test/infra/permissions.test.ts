import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  permissionLines,
  permissionsIn,
  permissionsOnPage,
  permissionTables,
  type Permission,
} from '../hcl/permissions.ts';
import { configurationOf, root, sources, WITHOUT_COPIES, type Choice } from './support/project.ts';

const KEY = 'projects/acme-prod/locations/southamerica-east1/keyRings/lifeboat/cryptoKeys/backups';
const everything = async (choice: Choice = {}) =>
  permissionsIn(
    await configurationOf({ ...choice, variables: { kms_key: KEY, ...choice.variables } }),
  );
/** The names by which the page calls what only the configuration of this test has. */
const NAMES_ON_THE_PAGE: readonly (readonly [string, string])[] = [
  ['data.google_project.this.number', 'NUMBER'],
  [`key ${KEY}`, 'the key of `kms_key`'],
  ['group:developers@example.com', 'a member of `deployers`'],
  ['user:auditor@example.com', 'a member of `status_viewers`'],
  ['Data_Lake', 'lake'],
];
const onPage = (text: string): string =>
  NAMES_ON_THE_PAGE.reduce((done, [from, to]) => done.replaceAll(from, to), text);
const rights = async (choice?: Choice): Promise<Permission[]> =>
  (await everything(choice)).map(({ identity, permission, on }) => ({
    identity: onPage(identity),
    permission,
    on: onPage(on),
  }));
const lines = async (choice?: Choice): Promise<string[]> => permissionLines(await rights(choice));
const page = readFileSync(join(root, 'docs', 'permissions.md'), 'utf8');
const documented = permissionLines(permissionsOnPage(page));

describe('least privilege', () => {
  test('each identity may do exactly what docs/permissions.md says; `vitest run -u` writes it', async () => {
    const granted = await rights();
    const [before = ''] = page.split('<!-- rights -->');
    const text = `${before}<!-- rights -->\n${permissionTables(granted)}`;
    expect(permissionLines(granted).length).toBeGreaterThan(60);
    expect(permissionLines(permissionsOnPage(text))).toEqual(permissionLines(granted));
    await expect(text).toMatchFileSnapshot(join(root, 'docs', 'permissions.md'));
  });

  test('no identity may delete, and therefore replace, a committed backup, a run or a report', async () => {
    const deletes = (await everything()).filter(({ permission }) =>
      /delete|admin|owner|editor|\*/i.test(permission),
    );
    expect([...new Set(deletes.map(({ permission, on }) => `${permission} ${on}`))]).toEqual([
      'storage.objects.delete state/*',
    ]);
  });

  test('only the restore test reads the age identity', async () => {
    expect(
      (await everything())
        .filter(({ on }) => on === 'secret LIFEBOAT_IDENTITY')
        .map(({ identity }) => identity),
    ).toEqual(['restore-test']);
  });

  test('no grant is for everybody', async () => {
    expect(
      (await everything()).filter(({ identity }) => /^all(Authenticated)?Users$/.test(identity)),
    ).toEqual([]);
  });

  test('a store with a path confines every grant to that path', async () => {
    const inside = await everything({
      config: WITHOUT_COPIES,
      variables: { store: 'gs://acme-backups/production' },
    });
    const places = inside
      .filter(
        ({ permission, on }) =>
          /^storage\.objects\.(create|delete|update)/.test(permission) && on !== 'the bucket',
      )
      .map(({ on }) => on);
    expect(places.length).toBeGreaterThan(5);
    expect(places.filter((on) => !on.startsWith('production/'))).toEqual([]);
  });

  test('nothing is granted that lifeboat.yaml does not use', async () => {
    const config =
      'store: gs://acme-backups\ndatabases:\n  shop:\n    source: https://shop.example.com/database\n    schedule: "0 3 * * *"\n';
    const little = await everything({
      config,
      variables: { secrets: {}, deployers: [], status_viewers: [] },
    });
    const secrets = new Set(
      little.filter(({ on }) => on.startsWith('secret ')).map(({ on }) => on),
    );
    expect([...secrets]).toEqual(['secret LIFEBOAT_KEY']);
    expect(little.filter(({ on }) => /acme-files/.test(on))).toEqual([]);
  });

  describe('source buckets with many databases', () => {
    const databases = (count: number, pathOf: (at: number) => string): string =>
      [
        'store: gs://acme-backups',
        'databases:',
        ...Array.from(
          { length: count },
          (_, at) => `  db${at}: { source: "gs://acme-files/${pathOf(at)}" }`,
        ),
        '',
      ].join('\n');
    const conditions = async (config: string): Promise<string[]> =>
      (await configurationOf({ config }))
        .instances('google_storage_bucket_iam_member')
        .filter(({ name, key }) => name === 'source' && key?.startsWith('backup:'))
        .map(
          ({ body }) =>
            (body['condition'] as readonly { expression: string }[])[0]?.expression ?? '',
        );
    const objectsOf = (expression: string): string[] =>
      [...expression.matchAll(/objects\/([^"]+)"/g)].map(([, name = '']) => name);

    // IAM: at most 20 conditional bindings of a role and identity, 12 terms in each.
    test.each([1, 4, 5, 21, 80])(
      '%d databases are granted one by one, within the limits of IAM',
      async (count) => {
        const bindings = await conditions(databases(count, (at) => `app${at}/db.sqlite3`));
        expect(bindings.length).toBe(Math.ceil(count / 4));
        expect(bindings.every((each) => each.split(' || ').length <= 12)).toBe(true);
        expect(bindings.flatMap(objectsOf)).toHaveLength(3 * count);
        expect(new Set(bindings.flatMap(objectsOf)).size).toBe(3 * count);
      },
    );

    test('a name with quotes or backslashes stays a text in the condition', async () => {
      const config =
        'store: gs://acme-backups\ndatabases:\n  a: { source: \'gs://acme-files/a" || true || "\\b\' }\n';
      const [binding = ''] = await conditions(config);
      const name = String.raw`projects/_/buckets/acme-files/objects/a\" || true || \"\\b`;
      expect(binding).toBe(
        ['', '-wal', '-journal'].map((end) => `resource.name == "${name}${end}"`).join(' || '),
      );
    });

    test.each([
      ['in one folder', (at: number) => `tenants/eu/${at}/db.sqlite3`, 'tenants/eu/'],
      [
        'in folders with a common beginning',
        (at: number) => `tenants/eu${at}/db.sqlite3`,
        'tenants/',
      ],
      ['all over the bucket', (at: number) => `${at}/db.sqlite3`, ''],
      ['at the top of the bucket', (at: number) => `${at}.sqlite3`, ''],
    ])('500 databases %s take one binding', async (_title, pathOf, folder) => {
      expect(await conditions(databases(500, pathOf))).toEqual([
        `resource.name.startsWith("projects/_/buckets/acme-files/objects/${folder}")`,
      ]);
    });
  });

  test.each([
    [
      'a permission in a custom role',
      'iam.tf',
      'record    = ["storage.objects.create"]',
      'record    = ["storage.objects.create", "storage.objects.update"]',
      '| backup | storage.objects.update | runs/* |',
    ],
    [
      'a role for an identity',
      'iam.tf',
      '      read = ["runs/", "state/"]',
      '      read = ["runs/", "state/", "databases/"]',
      '| status | storage.objects.get | databases/* |',
    ],
    [
      'a removed condition',
      'iam.tf',
      'each.value.folder == "*" ? [] : [each.value.folder]',
      'each.value.folder == "*" ? [] : []',
      '| backup | storage.objects.update | the bucket |',
    ],
    [
      'a condition on another folder',
      'iam.tf',
      '${local.store_prefix}${condition.value}',
      '${local.store_prefix}',
      '| backup | storage.objects.delete | the bucket |',
    ],
    [
      'a reader of a secret',
      'secrets.tf',
      '["restore-test"]',
      '["restore-test", "backup"]',
      '| backup | secretmanager.versions.access | secret LIFEBOAT_IDENTITY |',
    ],
    [
      'a caller',
      'iam.tf',
      '["backup-now", "status"] : { function = function, member = google_service_account.deploy.member',
      '["backup-now", "status", "backup"] : { function = function, member = google_service_account.deploy.member',
      '| deploy | run.routes.invoke | function backup |',
    ],
    [
      'a wider role of Google',
      'iam.tf',
      'role   = "roles/storage.objectViewer"',
      'role   = "roles/storage.admin"',
      '| backup | roles/storage.admin | gs://acme-files/wiki/db.sqlite3 |',
    ],
    [
      'a publisher',
      'triggers.tf',
      '    restore-test = "restore-test"\n',
      '    restore-test = "restore-test"\n    watch = "backup"\n',
      '| watch | pubsub.topics.publish | topic backup |',
    ],
    [
      'a grant in a new file',
      'more.tf',
      '',
      'resource "google_project_iam_member" "more" {\n project = var.project\n role = "roles/editor"\n member = google_service_account.function["backup"].member\n}\n',
      '| backup | roles/editor | project |',
    ],
    [
      'a binding in a new file',
      'more.tf',
      '',
      'resource "google_storage_bucket_iam_binding" "more" {\n bucket = "x"\n role = "roles/storage.admin"\n members = ["allUsers"]\n}\n',
      'google_storage_bucket_iam_binding grants something, and the test does not know on what',
    ],
  ])('is seen to be lost by %s', async (_title, file, search, by, seen) => {
    const files = sources();
    const text = files[file] ?? '';
    expect(text).toContain(search);
    const found = await lines({ sources: { ...files, [file]: text.replace(search, by) } }).catch(
      (error: unknown) => [String(error)],
    );
    expect(found.join('\n')).toContain(seen);
    expect(documented.join('\n')).not.toContain(seen);
  });
});
