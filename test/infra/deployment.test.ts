import { describe, expect, test } from 'vitest';
import type { Instance } from './hcl/configuration.ts';
import { textOf, type Value } from './hcl/values.ts';
import { configurationOf, SAMPLE, type Choice } from './support/project.ts';

type Row = { readonly [key: string]: Value };
const rows = (value: Value | undefined): readonly Row[] => (value ?? []) as readonly Row[];
const first = (value: Value | undefined): Row => rows(value)[0] ?? {};
const instances = async (type: string, choice?: Choice): Promise<Instance[]> => (await configurationOf(choice)).instances(type);
const shown = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('the schedules', () => {
  const jobs = async (choice?: Choice) =>
    (await instances('google_cloud_scheduler_job', choice)).map(({ body }) => {
      const { topic_name: topic, data } = first(body['pubsub_target']);
      return [
        body['name'],
        body['schedule'],
        body['time_zone'],
        JSON.stringify(topic),
        JSON.parse(Buffer.from(textOf(data), 'base64').toString()),
      ] as const;
    });

  test('are one for each database that has one, with its own time zone, and one each for the restore test and the watch', async () => {
    const message = (database: string) => ({ database, reason: 'schedule', kind: 'auto' });
    expect(await jobs()).toEqual([
      ['lifeboat-backup-shop', '0 3 * * *', 'America/Sao_Paulo', '"<google_pubsub_topic.this[\\"backup\\"].id>"', message('shop')],
      ['lifeboat-backup-wiki', '30 * * * *', 'Europe/Lisbon', '"<google_pubsub_topic.this[\\"backup\\"].id>"', message('wiki')],
      ['lifeboat-restore-test', '0 5 1 * *', 'America/Sao_Paulo', '"<google_pubsub_topic.this[\\"restore-test\\"].id>"', message('*')],
      ['lifeboat-watch', '15 * * * *', 'America/Sao_Paulo', '"<google_pubsub_topic.this[\\"watch\\"].id>"', message('*')],
    ]);
  });

  test.each([
    ['restoreTest: { schedule: "0 6 * * 0", timeZone: Asia/Tokyo }', 'lifeboat-restore-test', '0 6 * * 0', 'Asia/Tokyo'],
    ['watch: { schedule: "45 * * * *" }', 'lifeboat-watch', '45 * * * *', 'America/Sao_Paulo'],
  ])('follow %s', async (line, name, schedule, zone) => {
    expect((await jobs({ config: `${SAMPLE}${line}\n` })).find(([each]) => each === name)?.slice(1, 3)).toEqual([schedule, zone]);
  });

  test('leave out a restore test that is switched off', async () => {
    expect((await jobs({ config: `${SAMPLE}restoreTest: { schedule: false }\n` })).map(([name]) => name)).not.toContain(
      'lifeboat-restore-test',
    );
  });

  test('are in UTC when no time zone is given', async () => {
    const config = 'store: gs://acme-backups\ndatabases:\n  a:\n    source: https://a.example.com/\n    schedule: "0 3 * * *"\n';
    expect(new Set((await jobs({ config })).map(([, , zone]) => zone))).toEqual(new Set(['Etc/UTC']));
  });

  test('come after the subscriptions, in the first stage not at all', async () => {
    expect(await jobs({ variables: { foundation_only: true } })).toEqual([]);
  });
});

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
    expect(bucket?.body['lifecycle_rule']).toEqual(['databases/', 'runs/', 'reports/'].map((folder) => rule(`${prefix}${folder}`)));
  });

  test('is closed to the public, undoes deletions for seven days, and is not destroyed with its contents', async () => {
    const [bucket] = await instances('google_storage_bucket');
    expect(bucket?.body).toMatchObject({
      uniform_bucket_level_access: true,
      public_access_prevention: 'enforced',
      force_destroy: false,
      soft_delete_policy: [{ retention_duration_seconds: 604_800 }],
    });
  });

  test('has a key of one’s own only if one is given', async () => {
    expect((await instances('google_storage_bucket'))[0]?.body['encryption']).toEqual([]);
    const [bucket] = await instances('google_storage_bucket', { variables: { kms_key: 'projects/p/k' } });
    expect(bucket?.body['encryption']).toEqual([{ default_kms_key_name: 'projects/p/k' }]);
  });
});

describe('the functions', () => {
  const functions = async (choice?: Choice): Promise<Readonly<Record<string, Row & { readonly service: Row }>>> =>
    Object.fromEntries(
      (await instances('google_cloudfunctions2_function', choice)).map(({ key = '', body }): [string, Row & { readonly service: Row }] => [
        key,
        { ...body, service: first(body['service_config']) },
      ]),
    );

  test.each([
    ['backup', 540, '4096Mi', 'ALLOW_INTERNAL_ONLY'],
    ['backup-now', 3600, '4096Mi', 'ALLOW_ALL'],
    ['restore-test', 540, '4096Mi', 'ALLOW_INTERNAL_ONLY'],
    ['watch', 540, '1024Mi', 'ALLOW_INTERNAL_ONLY'],
    ['status', 60, '1024Mi', 'ALLOW_ALL'],
  ])('%s ends after %d s and has %s', async (name, timeout, memory, ingress) => {
    const found = (await functions())[name];
    expect(first(found?.['build_config'])).toMatchObject({ runtime: 'nodejs24', entry_point: name });
    expect(found?.service).toMatchObject({
      timeout_seconds: timeout,
      available_memory: memory,
      ingress_settings: ingress,
      max_instance_request_concurrency: 1,
    });
    expect(JSON.stringify(found?.service['service_account_email'])).toContain(`google_service_account.function[\\"${name}\\"].email`);
  });

  test('are told their limits: a deadline 20 s before the platform’s, the memory in bytes, a heap that leaves room for files', async () => {
    const { backup } = await functions({ variables: { functions: { backup: { memory_mib: 8192, timeout: 300 } } } });
    expect(shown(backup?.service['environment_variables'])).toEqual({
      GOOGLE_CLOUD_PROJECT: 'acme-prod',
      LIFEBOAT_BACKUP_TOPIC: '<google_pubsub_topic.this["backup"].id>',
      LIFEBOAT_CONFIG: 'lifeboat.yaml',
      LIFEBOAT_DEADLINE_SECONDS: '280',
      LIFEBOAT_MEMORY_LIMIT: '8589934592',
      LIFEBOAT_RESTORE_TEST_TOPIC: '<google_pubsub_topic.this["restore-test"].id>',
      LIFEBOAT_SCHEDULER_LOCATION: 'southamerica-east1',
      LIFEBOAT_SCHEDULER_PREFIX: 'lifeboat-',
      LIFEBOAT_STORE: 'gs://acme-backups',
      NODE_OPTIONS: '--max-old-space-size=768',
    });
  });

  test('get each secret by reference, and only those whose permission they have', async () => {
    const names = (service: Row | undefined): string[] => rows(service?.['secret_environment_variables']).map(({ key }) => textOf(key));
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

  test('are deployed again when the package changes: its hash is in the name of the object', async () => {
    const [object] = await instances('google_storage_bucket_object');
    expect(object?.body['name']).toMatch(/^lifeboat-[0-9a-f]{64}\.zip$/);
  });

  test.each([
    [{}, undefined, 0],
    [{ subnetwork: 'private' }, 'VPC_EGRESS_PRIVATE_RANGES_ONLY', 0],
    [{ subnetwork: 'private', nat: true }, 'VPC_EGRESS_ALL_TRAFFIC', 1],
  ])('reach private hosts with %o', async (variables, egress, nats) => {
    const all = await functions({ variables });
    expect(all['backup']?.service['direct_vpc_egress'] ?? undefined).toBe(egress);
    expect(all['watch']?.service['direct_vpc_egress']).toBe(null);
    expect(rows(all['backup-now']?.service['direct_vpc_network_interface'])).toHaveLength(egress === undefined ? 0 : 1);
    expect(await instances('google_compute_router_nat', { variables })).toHaveLength(nats);
  });

  test('are left out of the first stage, with everything that points at them', async () => {
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

describe('the subscriptions', () => {
  test('push as an identity, to the path that makes a CloudEvent, and give up into dead letters', async () => {
    const push = (await instances('google_pubsub_subscription')).filter(({ name }) => name === 'push');
    expect(push.map(({ key }) => key)).toEqual(['backup', 'restore-test', 'watch']);
    for (const { key, body } of push) {
      const uri = `google_cloudfunctions2_function.this["${key}"].service_config[0].uri`;
      expect(shown(body)).toMatchObject({
        ack_deadline_seconds: 600,
        expiration_policy: [{ ttl: '' }],
        retry_policy: [{ minimum_backoff: '10s', maximum_backoff: '600s' }],
        dead_letter_policy: [{ max_delivery_attempts: 40, dead_letter_topic: `<google_pubsub_topic.dead["${key}"].id>` }],
      });
      const { push_endpoint: endpoint, oidc_token: token } = first(body['push_config']);
      expect(endpoint).toBe(`${uri}/projects/acme-prod/topics/google_pubsub_topic.this["${key}"].name`);
      expect(shown(first(token))).toEqual({ service_account_email: '<google_service_account.push.email>', audience: `<${uri}>` });
    }
  });

  test('keep dead letters for a month, and never expire themselves', async () => {
    const dead = (await instances('google_pubsub_subscription')).filter(({ name }) => name === 'dead');
    expect(dead).toHaveLength(3);
    for (const { body } of dead) expect(body).toMatchObject({ message_retention_duration: '2678400s', expiration_policy: [{ ttl: '' }] });
  });
});

describe('the alarms', () => {
  test('tell of errors, of what the platform ended, of schedules, of dead letters and of silence, all by a mail of Google’s', async () => {
    const alarms = await instances('google_monitoring_alert_policy');
    expect(alarms.map(({ name, key }) => key ?? name).sort()).toEqual(['dead', 'errors', 'killed', 'schedules', 'silent']);
    for (const { body } of alarms)
      expect(shown(body['notification_channels'])).toEqual(['<google_monitoring_notification_channel.email.id>']);
    const [channel] = await instances('google_monitoring_notification_channel');
    expect(channel?.body).toMatchObject({ type: 'email', labels: { email_address: 'ops@example.com' } });
  });

  test('limit how often a log alarm tells, which Google requires', async () => {
    for (const { body } of (await instances('google_monitoring_alert_policy')).filter(({ name }) => name === 'log')) {
      expect(rows(body['conditions'])).toHaveLength(1);
      expect(first(first(body['alert_strategy'])['notification_rate_limit'])).toEqual({ period: '900s' });
    }
  });

  test('wait three hours for the watch, which is within what absence can wait', async () => {
    const silent = (await instances('google_monitoring_alert_policy')).find(({ name }) => name === 'silent');
    const [absent, none] = rows(silent?.body['conditions']);
    expect(first(absent?.['condition_absent'])).toMatchObject({ duration: '10800s' });
    expect(first(none?.['condition_threshold'])).toMatchObject({
      threshold_value: 1,
      evaluation_missing_data: 'EVALUATION_MISSING_DATA_ACTIVE',
    });
  });

  test('and every log filter name whole services, so that staging does not ring production’s bell', async () => {
    const filters = [
      ...(await instances('google_monitoring_alert_policy')).filter(({ name }) => name === 'log'),
      ...(await instances('google_logging_metric')),
    ];
    const texts = filters.map(({ body }) => textOf(body['filter'] ?? first(first(body['conditions'])['condition_matched_log'])['filter']));
    const patterns = texts.map((text) => /(?:service_name|job_id)=~"([^"]+)"/.exec(text)?.[1] ?? '');
    for (const pattern of patterns) {
      expect(new RegExp(pattern).test('lifeboat-staging-watch'), pattern).toBe(false);
      expect(new RegExp(pattern).test('lifeboat-watch'), pattern).toBe(true);
    }
    expect(patterns.length).toBeGreaterThan(8);
  });
});

describe('the dashboard', () => {
  test('draws only metrics that are made, and every metric is drawn', async () => {
    const [dashboard] = await instances('google_monitoring_dashboard');
    const drawn = [...textOf(dashboard?.body['dashboard_json']).matchAll(/user\/(lifeboat\/\w+)/g)].map(([, name = '']) => name);
    const made = (await instances('google_logging_metric')).map(({ body }) => textOf(body['name']));
    expect([...new Set(drawn)].sort()).toEqual(made.sort());
  });
});

describe('what cannot work is refused before anything is made', () => {
  const database = (source: string): string => `store: gs://acme-backups\ndatabases: { shop: { source: "${source}" } }\n`;

  test('and the sample is not', async () => {
    expect((await configurationOf()).refusals()).toEqual([]);
    expect((await configurationOf({ config: database('https://shop.example.com/database') })).refusals()).toEqual([]);
  });

  test.each<[string, Choice, string]>([
    ['a store that is a folder', { config: SAMPLE.replace('gs://acme-backups', './backups') }, 'is no bucket'],
    ['no store', { config: SAMPLE.replace('store: gs://acme-backups', '') }, 'is no bucket'],
    ['no database', { config: 'store: gs://acme-backups\n' }, 'names no database'],
    ['a source that is a file', { config: database('/srv/shop/db.sqlite3') }, 'no files'],
    ['a database without a source', { config: 'store: gs://acme-backups\ndatabases: { shop: {} }\n' }, 'no files'],
    ['a watch that is not hourly', { config: `${SAMPLE}watch: { schedule: "0 3 * * *" }\n` }, 'must be hourly'],
    ['a watch on Mondays', { config: `${SAMPLE}watch: { schedule: "0 * * * 1" }\n` }, 'must be hourly'],
    ['no watch', { config: `${SAMPLE}watch: { schedule: false }\n` }, 'must be hourly'],
    ['a heap that leaves no room for files', { variables: { functions: { backup: { memory_mib: 1024 } } } }, 'The heap of backup'],
    ['a package with another lifeboat.yaml', { packaged: 'store: gs://other\n' }, 'Run `npm run package`'],
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
          // The package lies in a bucket with a name of its own.
          .filter((type) => !/^(time_sleep|google_project_service|google_storage_bucket_object|.*_iam_member)$/.test(type))
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
    const production = await names();
    const staging = await names({ variables: { prefix: 'lifeboat-staging', store: 'gs://acme-backups-staging' } });
    expect(new Set(production).size).toBe(production.length);
    expect(staging).toHaveLength(production.length);
    expect(staging.filter((name) => production.includes(name))).toEqual([]);
  });
});

describe('the trigger of Cloud Build', () => {
  const variables = {
    repository: 'projects/acme-prod/locations/southamerica-east1/connections/github/repositories/shop',
    terraform_service_account: 'terraform@acme-prod.iam.gserviceaccount.com',
    terraform_state_bucket: 'acme-terraform',
  };

  test('is not there unless a repository is given', async () => {
    expect(await instances('google_cloudbuild_trigger')).toEqual([]);
  });

  test('waits for approval unless it is told not to', async () => {
    const [trigger] = await instances('google_cloudbuild_trigger', { variables });
    expect(trigger?.body).toMatchObject({
      location: 'southamerica-east1',
      filename: 'cloudbuild.yaml',
      approval_config: [{ approval_required: true }],
    });
    const [hasty] = await instances('google_cloudbuild_trigger', { variables: { ...variables, repository_approval: false } });
    expect(hasty?.body['approval_config']).toEqual([{ approval_required: false }]);
  });
});
