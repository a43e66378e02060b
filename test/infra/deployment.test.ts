import { describe, expect, test } from 'vitest';
import { textOf } from '../hcl/values.ts';
import { configurationOf, SAMPLE, WITHOUT_COPIES, type Choice } from './support/project.ts';
import { rows, first, instances, shown, type Row } from './support/rows.ts';

describe('the bucket of the backups', () => {
  const rule = (prefix: string) => ({
    action: [{ type: 'Delete' }],
    condition: [{ age: 1, days_since_custom_time: 1, matches_prefix: [prefix] }],
  });

  test.each([
    ['gs://acme-backups', ''],
    ['gs://acme-backups/', ''],
    ['gs://acme-backups/production/eu', 'production/eu/'],
  ])('%s deletes by Custom-Time alone, never before a day has passed', async (store, prefix) => {
    const [bucket] = await instances('google_storage_bucket', { variables: { store } });
    expect(bucket?.body['name']).toBe('acme-backups');
    expect(bucket?.body['lifecycle_rule']).toEqual(
      ['databases/', 'runs/', 'reports/'].map((folder) => rule(`${prefix}${folder}`)),
    );
  });

  test('is not public, keeps deleted objects for seven days and is not destroyed with its contents', async () => {
    const [bucket] = await instances('google_storage_bucket');
    expect(bucket?.body).toMatchObject({
      uniform_bucket_level_access: true,
      public_access_prevention: 'enforced',
      force_destroy: false,
      soft_delete_policy: [{ retention_duration_seconds: 604_800 }],
    });
  });

  test('has a customer-managed key only if one is given', async () => {
    expect((await instances('google_storage_bucket'))[0]?.body['encryption']).toEqual([]);
    const [bucket] = await instances('google_storage_bucket', {
      variables: { kms_key: 'projects/p/k' },
    });
    expect(bucket?.body['encryption']).toEqual([{ default_kms_key_name: 'projects/p/k' }]);
  });
});

describe('a copy in a bucket', () => {
  const FOREIGN = { variables: { foreign_copies: ['acme-copies'] } };

  test('is created with the lifecycle rules of a store, and never destroyed', async () => {
    const copy = (await instances('google_storage_bucket')).find(({ name }) => name === 'copy');
    expect(copy?.body).toMatchObject({
      name: 'acme-copies',
      location: 'southamerica-east1',
      // infra/deploy takes over only what has the label of its deployment.
      labels: { deployment: 'lifeboat' },
      public_access_prevention: 'enforced',
      soft_delete_policy: [{ retention_duration_seconds: 604_800 }],
    });
    expect(
      rows(copy?.body['lifecycle_rule']).map(({ condition }) => first(condition)['matches_prefix']),
    ).toEqual([['eu/databases/'], ['eu/runs/'], ['eu/reports/']]);
  });

  test('is left to another project on request', async () => {
    const named = async (type: string) =>
      (await instances(type, FOREIGN)).filter(({ name }) => name === 'copy');
    expect(await named('google_storage_bucket')).toEqual([]);
    expect(await named('google_storage_bucket_iam_member')).toEqual([]);
  });

  test('that is a folder of a host gets nothing', async () => {
    const config = SAMPLE.replace('gs://acme-copies/eu', '/mnt/nas');
    const buckets = await instances('google_storage_bucket', { config });
    expect(buckets.filter(({ name }) => name === 'copy')).toEqual([]);
  });
});

describe('the functions', () => {
  const functions = async (
    choice?: Choice,
  ): Promise<Readonly<Record<string, Row & { readonly service: Row }>>> =>
    Object.fromEntries(
      (await instances('google_cloudfunctions2_function', choice)).map(
        ({ key = '', body }): [string, Row & { readonly service: Row }] => [
          key,
          { ...body, service: first(body['service_config']) },
        ],
      ),
    );

  test.each([
    ['backup', 540, '4096Mi', 'ALLOW_INTERNAL_ONLY'],
    ['backup-now', 3600, '4096Mi', 'ALLOW_ALL'],
    ['restore-test', 540, '4096Mi', 'ALLOW_INTERNAL_ONLY'],
    ['watch', 540, '1024Mi', 'ALLOW_INTERNAL_ONLY'],
    ['status', 60, '1024Mi', 'ALLOW_ALL'],
  ])('%s ends after %d s and has %s', async (name, timeout, memory, ingress) => {
    const found = (await functions())[name];
    expect(first(found?.['build_config'])).toMatchObject({
      runtime: 'nodejs24',
      entry_point: name,
    });
    expect(found?.service).toMatchObject({
      timeout_seconds: timeout,
      available_memory: memory,
      ingress_settings: ingress,
      max_instance_request_concurrency: 1,
    });
    expect(JSON.stringify(found?.service['service_account_email'])).toContain(
      `google_service_account.function[\\"${name}\\"].email`,
    );
  });

  test('know their limits: a deadline 20 s before the platform’s, the memory in bytes, a heap that leaves room for files', async () => {
    const { backup } = await functions({
      variables: { functions: { backup: { memory_mib: 8192, timeout: 300 } } },
    });
    expect(shown(backup?.service['environment_variables'])).toEqual({
      GOOGLE_CLOUD_PROJECT: 'acme-prod',
      LIFEBOAT_BACKUP_TOPIC: '<google_pubsub_topic.this["backup"].id>',
      LIFEBOAT_CONFIG: 'gs://google_storage_bucket.source.name/lifeboat.yaml',
      LIFEBOAT_DEADLINE_SECONDS: '280',
      LIFEBOAT_MEMORY_LIMIT: '8589934592',
      LIFEBOAT_RESTORE_TEST_TOPIC: '<google_pubsub_topic.this["restore-test"].id>',
      LIFEBOAT_SCHEDULER_LOCATION: 'southamerica-east1',
      LIFEBOAT_SCHEDULER_PREFIX: 'lifeboat-',
      LIFEBOAT_STORE: 'gs://acme-backups',
      NODE_OPTIONS: '--max-old-space-size=768',
    });
  });

  const total = (all: Awaited<ReturnType<typeof functions>>): number =>
    Object.values(all).reduce(
      (sum, { service }) =>
        sum +
        Number(service['max_instance_count']) *
          Number.parseInt(textOf(service['available_memory'] ?? ''), 10),
      0,
    );

  test('together fit into the memory quota of a new project in a region', async () => {
    expect(total(await functions())).toBeLessThanOrEqual(40 * 1024);
  });

  test.each<[string, Row, number]>([
    ['twice the memory', { memory_mib: 8192 }, 4],
    ['the most memory', { memory_mib: 32_768 }, 1],
    ['eight CPUs', { cpu: '8' }, 2],
    ['a limit of its own', { max_instances: 7 }, 7],
  ])('%s leaves as many instances as the quota allows', async (_title, backup, instancesAtOnce) => {
    const all = await functions({ variables: { functions: { backup } } });
    expect(all['backup']?.service['max_instance_count']).toBe(instancesAtOnce);
  });

  test('get each secret by reference, and only those that they may read', async () => {
    const names = (service: Row | undefined): string[] =>
      rows(service?.['secret_environment_variables']).map(({ key }) => textOf(key));
    const all = await functions();
    expect(names(all['restore-test']?.service)).toContain('LIFEBOAT_IDENTITY');
    expect(names(all['status']?.service)).toEqual([]);
    const grants = await instances('google_secret_manager_secret_iam_member');
    for (const [name, { service }] of Object.entries(all))
      expect(
        names(service)
          .map((key) => `${name}:${key}`)
          .sort(),
      ).toEqual(grants.flatMap(({ key = '' }) => (key.startsWith(`${name}:`) ? [key] : [])).sort());
  });

  test('are deployed again when the package changes, because the object name contains its hash', async () => {
    const [object] = (await instances('google_storage_bucket_object')).filter(
      ({ name }) => name === 'package',
    );
    expect(object?.body['name']).toMatch(/^lifeboat-[0-9a-f]{64}\.zip$/);
  });

  test('read lifeboat.yaml from a bucket, so that another schedule changes no function', async () => {
    const [config, other] = [SAMPLE, SAMPLE.replace('0 3 * * *', '0 4 * * *')];
    expect(await functions({ config: other })).toEqual(await functions({ config }));
    const [object] = (await instances('google_storage_bucket_object', { config: other })).filter(
      ({ name }) => name === 'config',
    );
    expect(object?.body).toMatchObject({ name: 'lifeboat.yaml', content: other });
  });

  test.each([
    [{}, undefined, 0],
    [{ subnetwork: 'private' }, 'VPC_EGRESS_PRIVATE_RANGES_ONLY', 0],
    [{ subnetwork: 'private', nat: true }, 'VPC_EGRESS_ALL_TRAFFIC', 1],
  ])('reach private hosts with %o', async (variables, egress, nats) => {
    const all = await functions({ variables });
    expect(all['backup']?.service['direct_vpc_egress'] ?? undefined).toBe(egress);
    expect(all['watch']?.service['direct_vpc_egress']).toBe(null);
    expect(rows(all['backup-now']?.service['direct_vpc_network_interface'])).toHaveLength(
      egress === undefined ? 0 : 1,
    );
    const [network] = rows(all['backup']?.service['direct_vpc_network_interface']);
    if (network) expect(JSON.stringify(network)).not.toContain('self_link');
    expect(await instances('google_compute_router_nat', { variables })).toHaveLength(nats);
  });

  test('are left out of the first stage, with everything that refers to them', async () => {
    const configuration = await configurationOf({ variables: { foundation_only: true } });
    const left = configuration.types().filter((type) => configuration.instances(type).length === 0);
    expect(left).toEqual(
      expect.arrayContaining([
        'google_cloudfunctions2_function',
        'google_cloud_run_service_iam_member',
        'google_cloud_scheduler_job',
        'google_storage_bucket_object',
      ]),
    );
    expect(configuration.instances('google_secret_manager_secret').length).toBeGreaterThan(0);
    expect(configuration.output('next')).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^gcloud secrets versions add /),
        'npm run package',
        'terraform apply -var-file=lifeboat.tfvars',
      ]),
    );
  });
});

describe('a configuration that cannot work is refused before anything is created', () => {
  const database = (source: string): string =>
    `store: gs://acme-backups\ndatabases: { shop: { source: "${source}" } }\n`;

  test('but the sample is accepted', async () => {
    expect((await configurationOf()).refusals()).toEqual([]);
    expect(
      (await configurationOf({ config: database('https://shop.example.com/database') })).refusals(),
    ).toEqual([]);
  });

  test.each<[string, Choice, string]>([
    [
      'a store that is a folder',
      { config: SAMPLE.replace('gs://acme-backups', './backups') },
      'is not a bucket',
    ],
    ['no store', { config: SAMPLE.replace('store: gs://acme-backups', '') }, 'is not a bucket'],
    [
      'another store with the same copies',
      { variables: { store: 'gs://acme-backups-staging' } },
      'would write into the copies of another one',
    ],
    [
      'a copy in the bucket of the store',
      { config: SAMPLE.replace('gs://acme-copies/eu', 'gs://acme-backups/copy') },
      'needs a bucket of its own',
    ],
    [
      'two copies in one bucket',
      { config: SAMPLE.replace('gs://acme-copies/eu', 'gs://acme-copies/eu, gs://acme-copies/us') },
      'needs a bucket of its own',
    ],
    ['no database', { config: 'store: gs://acme-backups\n' }, 'has no database'],
    ['a source that is a file', { config: database('/srv/shop/db.sqlite3') }, 'no files'],
    [
      'a database without a source',
      { config: 'store: gs://acme-backups\ndatabases: { shop: {} }\n' },
      'no files',
    ],
    [
      'a daily watch',
      { config: `${SAMPLE}watch: { schedule: "0 3 * * *" }\n` },
      'at least every eight hours',
    ],
    [
      'a watch on Mondays',
      { config: `${SAMPLE}watch: { schedule: "0 * * * 1" }\n` },
      'at least every eight hours',
    ],
    [
      'more instances than the quota allows',
      { variables: { functions: { backup: { max_instances: 11 } } } },
      'more than the quota of the region (40960 MiB, 20 CPUs)',
    ],
    [
      'a heap that leaves no room for files',
      { variables: { functions: { backup: { memory_mib: 1024 } } } },
      'The heap of backup',
    ],
    [
      'a lifeboat.yaml that was not checked',
      { packaged: 'store: gs://other\n' },
      'Run `npm run package`',
    ],
    ['a lifeboat.yaml without any check', { packaged: null }, 'Run `npm run package`'],
  ])('%s', async (_title, choice, message) => {
    const refusals = (await configurationOf(choice)).refusals();
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toContain(message);
  });
});

describe('staging beside production', () => {
  test('shares no name with it', async () => {
    const names = async (choice?: Choice): Promise<string[]> => {
      const configuration = await configurationOf(choice);
      return (
        configuration
          .types()
          // The bucket of the package has a name of its own.
          .filter(
            (type) =>
              !/^(time_sleep|google_project_service|google_storage_bucket_object|.*_iam_member)$/.test(
                type,
              ),
          )
          .flatMap((type) =>
            configuration
              .instances(type)
              .map(
                ({ body }) =>
                  `${type} ${textOf(body['name'] ?? body['account_id'] ?? body['secret_id'] ?? body['role_id'] ?? body['display_name'] ?? body['dashboard_json'])}`,
              ),
          )
      );
    };
    const production = await names({ config: WITHOUT_COPIES });
    const staging = await names({
      config: WITHOUT_COPIES,
      variables: { prefix: 'lifeboat-staging', store: 'gs://acme-backups-staging' },
    });
    expect(new Set(production).size).toBe(production.length);
    expect(staging).toHaveLength(production.length);
    expect(staging.filter((name) => production.includes(name))).toEqual([]);
  });
});
