import { describe, expect, test } from 'vitest';
import { allBefore, dependenciesIn } from '../hcl/graph.ts';
import { parseTemplate } from '../hcl/expression.ts';
import { readBlocks, stringsIn } from '../hcl/read.ts';
import { waysIn } from '../hcl/references.ts';
import { sources } from './support/project.ts';

const files = sources();
const graph = dependenciesIn(await readBlocks(files));
const before = (name: string): ReadonlySet<string> => {
  expect(graph.has(name), name).toBe(true);
  return allBefore(graph, name);
};

describe('the order of applying', () => {
  test('has no cycle', () => {
    expect(graph.size).toBeGreaterThan(80);
    expect([...graph.keys()].filter((name) => allBefore(graph, name).has(name))).toEqual([]);
  });

  test('detects a cycle', async () => {
    const circle = dependenciesIn(
      await readBlocks({
        ...files,
        'config.tf': `${files['config.tf']}\nlocals {\n  a = local.b\n  b = [local.c]\n  c = { d = local.a }\n}\n`,
      }),
    );
    expect([...circle.keys()].filter((name) => allBefore(circle, name).has(name))).toEqual([
      'local.a',
      'local.b',
      'local.c',
    ]);
  });

  test('enables the APIs before anything else', () => {
    const early = [...graph.keys()].filter(
      (name) => name.startsWith('google_') && name !== 'google_project_service.this',
    );
    expect(early.filter((name) => !before(name).has('google_project_service.this'))).toEqual([]);
  });

  // `terraform import` knows nothing about a resource that is missing from the state, not even its keys.
  test('no resource is repeated over another one, so that import works before the first apply', async () => {
    const blocks = (await readBlocks(files)).filter(({ kind }) => kind === 'resource');
    const repeated = blocks.flatMap(({ labels, body }) =>
      stringsIn({ for_each: body['for_each'] ?? null, count: body['count'] ?? null }).flatMap(
        ({ text }) =>
          waysIn(parseTemplate(text)).map(({ root, steps }) => [labels.join('.'), root, steps[0]]),
      ),
    );
    expect(repeated.length).toBeGreaterThan(20);
    expect(
      repeated.filter(([, root, name]) => graph.has(`${root}.${name}`) && root !== 'local'),
    ).toEqual([]);
  });

  test.each([
    [
      'a function comes after its package, its secrets and the permissions to read them',
      'google_cloudfunctions2_function.this',
      [
        'google_storage_bucket_object.package',
        'google_secret_manager_secret_iam_member.function',
        'google_storage_bucket_iam_member.function',
        'google_project_iam_member.build',
        'google_project_iam_member.build_sources',
        'time_sleep.grants',
      ],
    ],
    [
      'Google’s service agents exist before they are granted anything',
      'google_pubsub_topic_iam_member.dead',
      ['time_sleep.service_agents'],
    ],
    [
      'also before the permission to sign',
      'google_service_account_iam_member.push',
      ['time_sleep.service_agents'],
    ],
    [
      'a subscription comes after the permissions to call the function and to dead-letter',
      'google_pubsub_subscription.push',
      [
        'google_cloud_run_service_iam_member.invoker',
        'google_pubsub_topic_iam_member.dead',
        'google_service_account_iam_member.push',
      ],
    ],
    [
      'a schedule comes after the subscriptions to its topic',
      'google_cloud_scheduler_job.this',
      ['google_pubsub_subscription.push'],
    ],
    [
      'the bucket comes after the permission to use its key',
      'google_storage_bucket.backups',
      ['google_kms_crypto_key_iam_member.storage'],
    ],
    [
      'an alarm comes after its metric',
      'google_monitoring_alert_policy.silent',
      ['google_logging_metric.runs', 'time_sleep.metrics'],
    ],
    [
      'the dashboard comes after its metrics',
      'google_monitoring_dashboard.this',
      ['google_logging_metric.measure', 'time_sleep.metrics'],
    ],
  ])('%s', (_title, name, needed) => {
    expect([...before(name)]).toEqual(expect.arrayContaining(needed));
  });
});
