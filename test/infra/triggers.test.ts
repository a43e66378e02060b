import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../core/config/load.ts';
import { textOf } from '../hcl/values.ts';
import { SAMPLE, type Choice } from './support/project.ts';
import { first, instances, shown } from './support/rows.ts';

describe('the schedules', () => {
  const jobs = async (choice?: Choice) =>
    (await instances('google_cloud_scheduler_job', choice)).map(({ body }) => {
      const { topic_name: topic, data } = first(body['pubsub_target']);
      const { uri = null, body: content } = first(body['http_target']);
      const message = data ?? content ?? null;
      return [
        body['name'],
        body['schedule'],
        body['time_zone'],
        topic === undefined ? shown(uri) : JSON.stringify(topic),
        message === null ? null : JSON.parse(Buffer.from(textOf(message), 'base64').toString()),
      ] as const;
    });

  test('exist for each database with a schedule, in its time zone, for the restore test and for the watch', async () => {
    const message = (database: string) => ({ database, reason: 'schedule', kind: 'auto' });
    const run =
      'https://run.googleapis.com/v2/projects/acme-prod/locations/southamerica-east1/jobs';
    expect(await jobs()).toEqual([
      [
        'lifeboat-backup-Data_Lake',
        '0 1 * * 0',
        'America/Sao_Paulo',
        `${run}/google_cloud_run_v2_job.this["backup-Data_Lake"].name:run`,
        null,
      ],
      [
        'lifeboat-backup-crm',
        '0 2 * * *',
        'America/Sao_Paulo',
        '<google_cloudfunctions2_function.this["backup-now"].service_config[0].uri>',
        message('crm'),
      ],
      [
        'lifeboat-backup-shop',
        '0 3 * * *',
        'America/Sao_Paulo',
        '"<google_pubsub_topic.this[\\"backup\\"].id>"',
        message('shop'),
      ],
      [
        'lifeboat-backup-wiki',
        '30 * * * *',
        'Europe/Lisbon',
        '"<google_pubsub_topic.this[\\"backup\\"].id>"',
        message('wiki'),
      ],
      [
        'lifeboat-restore-test-Data_Lake',
        '0 5 1 * *',
        'America/Sao_Paulo',
        `${run}/google_cloud_run_v2_job.this["restore-test-Data_Lake"].name:run`,
        null,
      ],
      [
        'lifeboat-restore-test',
        '0 5 1 * *',
        'America/Sao_Paulo',
        '"<google_pubsub_topic.this[\\"restore-test\\"].id>"',
        message('*'),
      ],
      [
        'lifeboat-watch',
        '15 * * * *',
        'America/Sao_Paulo',
        '"<google_pubsub_topic.this[\\"watch\\"].id>"',
        message('*'),
      ],
    ]);
  });

  test.each([
    [
      'restoreTest: { schedule: "0 6 * * 0", timeZone: Asia/Tokyo }',
      'lifeboat-restore-test',
      '0 6 * * 0',
      'Asia/Tokyo',
    ],
    ['watch: { schedule: "45 * * * *" }', 'lifeboat-watch', '45 * * * *', 'America/Sao_Paulo'],
  ])('follow %s', async (line, name, schedule, zone) => {
    expect(
      (await jobs({ config: `${SAMPLE}${line}\n` })).find(([each]) => each === name)?.slice(1, 3),
    ).toEqual([schedule, zone]);
  });

  test('leave out a restore test that is switched off', async () => {
    expect(
      (await jobs({ config: `${SAMPLE}restoreTest: { schedule: false }\n` })).map(([name]) => name),
    ).not.toContain('lifeboat-restore-test');
  });

  test('are in UTC without a time zone, which is also the default of lifeboat.yaml', async () => {
    const config =
      'store: gs://acme-backups\ndatabases:\n  a:\n    source: https://a.example.com/\n    schedule: "0 3 * * *"\n';
    expect(parseConfig(config, '/srv').timeZone).toBe('UTC');
    expect(new Set((await jobs({ config })).map(([, , zone]) => zone))).toEqual(new Set(['UTC']));
  });

  test('are created after the subscriptions, and not in the first stage', async () => {
    expect(await jobs({ variables: { foundation_only: true } })).toEqual([]);
  });
});

describe('the subscriptions', () => {
  test('push with an identity to the path for CloudEvents, and dead-letter what fails', async () => {
    const push = (await instances('google_pubsub_subscription')).filter(
      ({ name }) => name === 'push',
    );
    expect(push.map(({ key }) => key)).toEqual(['backup', 'restore-test', 'watch']);
    for (const { key, body } of push) {
      const uri = `google_cloudfunctions2_function.this["${key}"].service_config[0].uri`;
      expect(shown(body)).toMatchObject({
        ack_deadline_seconds: 600,
        expiration_policy: [{ ttl: '' }],
        retry_policy: [{ minimum_backoff: '10s', maximum_backoff: '600s' }],
        dead_letter_policy: [
          {
            max_delivery_attempts: 40,
            dead_letter_topic: `<google_pubsub_topic.dead["${key}"].id>`,
          },
        ],
      });
      const { push_endpoint: endpoint, oidc_token: token } = first(body['push_config']);
      expect(endpoint).toBe(
        `${uri}/projects/acme-prod/topics/google_pubsub_topic.this["${key}"].name`,
      );
      expect(shown(first(token))).toEqual({
        service_account_email: '<google_service_account.push.email>',
        audience: `<${uri}>`,
      });
    }
  });

  test('keep dead letters for a month and never expire', async () => {
    const dead = (await instances('google_pubsub_subscription')).filter(
      ({ name }) => name === 'dead',
    );
    expect(dead).toHaveLength(3);
    for (const { body } of dead)
      expect(body).toMatchObject({
        message_retention_duration: '2678400s',
        expiration_policy: [{ ttl: '' }],
      });
  });
});

describe('the trigger of Cloud Build', () => {
  const variables = {
    repository:
      'projects/acme-prod/locations/southamerica-east1/connections/github/repositories/shop',
    terraform_service_account: 'terraform@acme-prod.iam.gserviceaccount.com',
    terraform_state_bucket: 'acme-terraform',
  };

  test('does not exist without a repository', async () => {
    expect(await instances('google_cloudbuild_trigger')).toEqual([]);
  });

  test('waits for approval unless the variable turns that off', async () => {
    const [trigger] = await instances('google_cloudbuild_trigger', { variables });
    expect(trigger?.body).toMatchObject({
      location: 'southamerica-east1',
      filename: 'cloudbuild.yaml',
      approval_config: [{ approval_required: true }],
    });
    const [hasty] = await instances('google_cloudbuild_trigger', {
      variables: { ...variables, repository_approval: false },
    });
    expect(hasty?.body['approval_config']).toEqual([{ approval_required: false }]);
  });
});
