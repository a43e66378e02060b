import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../core/config/load.ts';
import { wantedJobs } from '../../core/schedule/jobs.ts';
import { readBlocks } from '../hcl/read.ts';
import { textOf } from '../hcl/values.ts';
import { configurationOf, SAMPLE, sources, type Choice } from './support/project.ts';
import { first, instances, rows, shown, type Row } from './support/rows.ts';

const withJob = (more = '', name = 'shop'): string =>
  `store: gs://acme-backups\ndatabases:\n  ${name}: { source: "https://a.example.com/", schedule: "0 3 * * *", run: job${more} }\n`;

type Job = Row & { readonly task: Row; readonly container: Row; readonly env: Row };
const jobs = async (choice?: Choice): Promise<Readonly<Record<string, Job>>> =>
  Object.fromEntries(
    (await instances('google_cloud_run_v2_job', choice)).map(({ key = '', body }) => {
      const task = first(first(body['template'])['template']);
      const container = first(task['containers']);
      const env = Object.fromEntries(
        rows(container['env']).map(({ name, value = null }) => [textOf(name), value]),
      );
      return [key, { ...body, task, container, env }];
    }),
  );

describe('the jobs of databases with run: job', () => {
  test('are one for the backup and one for the restore test, each with its identity, program and secrets', async () => {
    const all = await jobs();
    expect(Object.keys(all).sort()).toEqual(['backup-Data_Lake', 'restore-test-Data_Lake']);
    for (const [operation, retries] of [['backup', 2] as const, ['restore-test', 0] as const]) {
      const job = all[`${operation}-Data_Lake`];
      expect(shown(job?.task)).toMatchObject({
        service_account: `<google_service_account.function["${operation}"].email>`,
        execution_environment: 'EXECUTION_ENVIRONMENT_GEN2',
        timeout: '86400s',
        max_retries: retries,
      });
      expect(shown(job?.container)).toMatchObject({
        image: '<data.google_cloud_run_v2_service.backup[0].template[0].containers[0].image>',
        command: ['/cnb/lifecycle/launcher'],
        args: ['--', 'node', 'dist/functions/job.js', operation, 'Data_Lake'],
        resources: [{ limits: { cpu: '2', memory: '4096Mi' } }],
      });
      const secrets = rows(job?.container['env']).filter(({ value_source }) => value_source);
      const grants = await instances('google_secret_manager_secret_iam_member');
      expect(secrets.map(({ name }) => `${operation}:${textOf(name)}`).sort()).toEqual(
        grants.flatMap(({ key = '' }) => (key.startsWith(`${operation}:`) ? [key] : [])).sort(),
      );
    }
  });

  test('get the image of the function after it has changed, and not that of before', async () => {
    const image = (await readBlocks(sources())).find(
      ({ kind, labels }) => kind === 'data' && labels[0] === 'google_cloud_run_v2_service',
    );
    expect(image?.body['depends_on']).toEqual(['${google_cloudfunctions2_function.this}']);
  });

  test('keep files on a disk, and know when they must end', async () => {
    const job = (await jobs({ config: withJob() }))['backup-shop'];
    expect(job?.env).toMatchObject({
      TMPDIR: '/work',
      LIFEBOAT_DEADLINE_SECONDS: '86340',
      NODE_OPTIONS: '--max-old-space-size=1024',
      LIFEBOAT_CONFIG: expect.stringContaining('lifeboat.yaml'),
    });
    expect(job?.env).not.toHaveProperty('LIFEBOAT_MEMORY_LIMIT');
    expect(shown(job?.task['volumes'])).toEqual([
      { name: 'work', empty_dir: [{ medium: 'DISK', size_limit: '10Gi' }] },
    ]);
    expect(shown(job?.container['volume_mounts'])).toEqual([{ name: 'work', mount_path: '/work' }]);
  });

  test.each([
    ['200GiB', 221, '8192Mi'],
    ['9GiB', 11, '4096Mi'],
    ['512MiB', 10, '4096Mi'],
    ['204801MiB', 223, '8192Mi'],
    ['1000B', 10, '4096Mi'],
  ])('with maxSize: %s have a disk of %d GiB', async (maxSize, disk, memory) => {
    const variables = { disk_quota_gib: 300, disk_region_quota_gib: 446 };
    const config = withJob(`, maxSize: ${maxSize}`);
    const job = (await jobs({ config, variables }))['backup-shop'];
    expect(shown(job?.task['volumes'])).toMatchObject([
      { empty_dir: [{ size_limit: `${disk}Gi` }] },
    ]);
    expect(first(job?.container['resources'])['limits']).toMatchObject({ memory });
    expect((await configurationOf({ config, variables })).refusals()).toEqual([]);
  });

  test('keep files in memory where a region has no disks', async () => {
    const variables = { jobs: { shop: { disk_gib: 0, memory_mib: 32_768, cpu: 8 } } };
    const job = (await jobs({ config: withJob(), variables }))['backup-shop'];
    expect(job?.env).toMatchObject({ LIFEBOAT_MEMORY_LIMIT: '34359738368' });
    expect(job?.env).not.toHaveProperty('TMPDIR');
    expect(rows(job?.task['volumes'])).toEqual([]);
    expect(job?.['launch_stage']).toBe(null);
    // A job that moves from memory to a disk must become BETA, or Google refuses the disk.
    const onDisk = (await jobs({ config: withJob() }))['backup-shop'];
    expect(onDisk?.['launch_stage']).toBe('BETA');
    const block = (await readBlocks(sources())).find(
      ({ labels }) => labels[0] === 'google_cloud_run_v2_job',
    );
    expect(JSON.stringify(block?.body['lifecycle'])).not.toContain('ignore_changes');
  });

  test('run another image on request, and then the function keeps its automatic updates', async () => {
    const choice = { variables: { job_image: 'europe-docker.pkg.dev/acme/lifeboat/job' } };
    expect(shown((await jobs(choice))['backup-Data_Lake']?.container)).toMatchObject({
      image: 'europe-docker.pkg.dev/acme/lifeboat/job',
      command: ['node'],
      args: ['/opt/lifeboat/dist/functions/job.js', 'backup', 'Data_Lake'],
    });
    const policies = async (given?: Choice) =>
      (await instances('google_cloudfunctions2_function', given)).flatMap(({ key, body }) =>
        rows(first(body['build_config'])['on_deploy_update_policy']).length > 0 ? [key] : [],
      );
    expect(await policies()).toEqual(['backup']);
    expect(await policies(choice)).toEqual([]);
    expect(await policies({ config: withJob().replace(', run: job', '') })).toEqual([]);
  });

  test.each([
    [{}, undefined],
    [{ subnetwork: 'private' }, 'PRIVATE_RANGES_ONLY'],
    [{ subnetwork: 'private', nat: true }, 'ALL_TRAFFIC'],
  ])('reach private hosts with %o, for the backup only', async (variables, egress) => {
    const all = await jobs({ variables });
    expect(first(all['backup-Data_Lake']?.task['vpc_access'])['egress']).toBe(egress);
    expect(rows(all['restore-test-Data_Lake']?.task['vpc_access'])).toEqual([]);
  });

  // The watch looks for the names that the code computes.
  test.each(['shop', 'Data_Lake', 'a-b', 'a-', 'x'.repeat(63), `${'x'.repeat(62)}_`])(
    'of %s have the names that the watch expects',
    async (name) => {
      const config = withJob('', name);
      const names = (await instances('google_cloud_run_v2_job', { config })).map(({ body }) =>
        textOf(body['name']),
      );
      const wanted = wantedJobs(parseConfig(config, '/'), 'lifeboat-').flatMap(({ target }) =>
        target.kind === 'job' ? [target.job] : [],
      );
      expect(names.sort()).toEqual(wanted.sort());
      for (const each of names) expect(each).toMatch(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);
    },
  );

  test('are in the next steps, their restore tests only with a schedule', async () => {
    const next = async (more = '') =>
      JSON.stringify((await configurationOf({ config: withJob() + more })).output('next'));
    expect(await next()).toContain('restore-test-shop');
    expect(await next('restoreTest: { schedule: false }\n')).not.toContain('restore-test-shop');
  });

  test('are not created in the first stage, and not without such a database', async () => {
    expect(await jobs({ variables: { foundation_only: true } })).toEqual({});
    expect(await jobs({ config: withJob().replace(', run: job', '') })).toEqual({});
  });

  test.each<[string, Choice, string]>([
    [
      'a disk beyond the quota',
      { config: withJob(', maxSize: 200GiB') },
      'needs a disk of 221 GiB, and an instance may have 10 GiB',
    ],
    [
      'too much memory for its CPUs',
      { config: withJob(), variables: { jobs: { shop: { memory_mib: 16_384 } } } },
      'at most 4096 MiB of memory for each CPU',
    ],
    [
      'a timeout of more than a day',
      { config: withJob(), variables: { jobs: { shop: { timeout: 90_000 } } } },
      'a timeout from 600 to 86400 seconds',
    ],
    [
      'more disk than the region has',
      { config: withJob(', maxSize: 60GiB'), variables: { disk_quota_gib: 100 } },
      'disks of more than 100 GiB',
    ],
    [
      'memory for the backup, but not for the restore test',
      { config: withJob(), variables: { quota: { memory_mib: 8191, cpus: 20 } } },
      'more memory or CPUs than the quota',
    ],
    [
      'a size for a database that is none of them',
      { config: withJob(), variables: { jobs: { wiki: { cpu: 4 } } } },
      '`jobs` has a size for wiki',
    ],
    [
      'a number of CPUs that Cloud Run does not have',
      { config: withJob(), variables: { jobs: { shop: { cpu: 3 } } } },
      'may have 1, 2, 4, 6 or 8 CPUs',
    ],
    [
      'too little memory',
      { config: withJob(), variables: { jobs: { shop: { memory_mib: 256 } } } },
      'at least 512 MiB',
    ],
    [
      'more memory than the quota',
      { config: withJob(), variables: { quota: { memory_mib: 4096, cpus: 1 } } },
      'more memory or CPUs than the quota',
    ],
  ])('with %s are refused', async (_title, choice, message) => {
    const refusals = (await configurationOf(choice)).refusals();
    expect(refusals.filter((each) => each.includes(message))).toHaveLength(2);
  });
});

describe('the calls of backup-now by Cloud Scheduler', () => {
  test('carry an ID token and wait as long as Cloud Scheduler can', async () => {
    const job = (await instances('google_cloud_scheduler_job')).find(
      ({ key }) => key === 'backup-crm',
    );
    expect(job?.body['attempt_deadline']).toBe('1800s');
    expect(shown(first(job?.body['http_target']))).toMatchObject({
      http_method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      oidc_token: [{ service_account_email: '<google_service_account.schedule.email>' }],
    });
    const backupNow = (await instances('google_cloudfunctions2_function')).find(
      ({ key }) => key === 'backup-now',
    );
    const watch = (await instances('google_cloudfunctions2_function')).find(
      ({ key }) => key === 'watch',
    );
    for (const each of [backupNow, watch])
      expect(shown(first(each?.body['service_config'])['environment_variables'])).toMatchObject({
        LIFEBOAT_SCHEDULER_ACCOUNT: '<google_service_account.schedule.email>',
      });
  });

  test('are repeated for more than two hours, so that an instance may become free', async () => {
    const job = (await instances('google_cloud_scheduler_job')).find(
      ({ key }) => key === 'backup-crm',
    );
    expect(shown(job?.body['retry_config'])).toMatchObject([
      { retry_count: 5, min_backoff_duration: '300s', max_backoff_duration: '3600s' },
    ]);
  });

  test('at the same time are refused when there are more than instances', async () => {
    const three = ['a', 'b', 'c'].map(
      (name) => `  ${name}: { source: "https://a.example.com/", schedule: "0 3 * * *", run: http }`,
    );
    const config = `store: gs://acme-backups\ndatabases:\n${three.join('\n')}\n`;
    const refusals = async (choice: Choice) => (await configurationOf(choice)).refusals();
    expect(await refusals({ config })).toContainEqual(
      expect.stringContaining('than `backup-now` has instances (2)'),
    );
    expect(await refusals({ config: config.replace('0 3', '0 4') })).toEqual([]);
    const variables = { functions: { 'backup-now': { max_instances: 3 } } };
    expect(await refusals({ config, variables })).not.toContainEqual(
      expect.stringContaining('than `backup-now`'),
    );
  });

  test('need no right to call it when no database has run: http', async () => {
    const callers = async (config: string) =>
      (await instances('google_cloud_run_service_iam_member', { config })).flatMap(({ key = '' }) =>
        key.endsWith(':schedule') ? [key] : [],
      );
    expect(await callers(SAMPLE)).toEqual(['backup-now:schedule']);
    expect(await callers(withJob())).toEqual([]);
  });
});

describe('the alarms, metrics and charts', () => {
  test('cover the jobs, by their complete names', async () => {
    const filters = (await instances('google_logging_metric')).map(({ body }) =>
      textOf(body['filter']),
    );
    for (const filter of filters) {
      const pattern = new RegExp(/job_name=~"([^"]+)"/.exec(filter)?.[1] ?? '^$');
      const names = (await instances('google_cloud_run_v2_job')).map(({ body }) =>
        textOf(body['name']),
      );
      expect(names.filter((name) => !pattern.test(name))).toEqual([]);
      expect(pattern.test('lifeboat-backup-other')).toBe(false);
    }
    const [dashboard] = await instances('google_monitoring_dashboard');
    expect(textOf(dashboard?.body['dashboard_json'])).toContain('cloud_run_job');
  });

  test('are as before without a job', async () => {
    const config = withJob().replace(', run: job', '');
    const filters = (await instances('google_logging_metric', { config })).map(({ body }) =>
      textOf(body['filter']),
    );
    expect(filters.filter((filter) => filter.includes('cloud_run_job'))).toEqual([]);
  });
});
