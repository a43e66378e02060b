import { describe, expect, test } from 'vitest';
import { textOf } from '../hcl/values.ts';
import { configurationOf, SAMPLE, type Choice } from './support/project.ts';
import { rows, first, instances, shown } from './support/rows.ts';

describe('the alarms', () => {
  test('report errors, terminated runs, schedules, dead letters and silence, all through a mail from Google', async () => {
    const alarms = await instances('google_monitoring_alert_policy');
    expect(alarms.map(({ name, key }) => (name === 'log' ? String(key) : name)).sort()).toEqual([
      'dead',
      'errors',
      'killed',
      'schedules',
      'silent',
    ]);
    for (const { body } of alarms)
      expect(shown(body['notification_channels'])).toEqual([
        '<google_monitoring_notification_channel.email.id>',
      ]);
    const [channel] = await instances('google_monitoring_notification_channel');
    expect(channel?.body).toMatchObject({
      type: 'email',
      labels: { email_address: 'ops@example.com' },
    });
  });

  test('log alarms send at most one mail an hour for each database', async () => {
    for (const { body } of (await instances('google_monitoring_alert_policy')).filter(
      ({ name }) => name === 'log',
    )) {
      expect(rows(body['conditions'])).toHaveLength(1);
      expect(first(first(body['alert_strategy'])['notification_rate_limit'])).toEqual({
        period: '3600s',
      });
    }
    const errors = (await instances('google_monitoring_alert_policy')).find(
      ({ key }) => key === 'errors',
    );
    const [condition] = rows(errors?.body['conditions']);
    expect(first(condition?.['condition_matched_log'])['label_extractors']).toEqual({
      database: 'EXTRACT(jsonPayload.database)',
    });
  });

  test('the alarm for a terminated run ignores the 504 that Lifeboat itself answers at its deadline', async () => {
    const killed = (await instances('google_monitoring_alert_policy')).find(
      ({ key }) => key === 'killed',
    );
    expect(JSON.stringify(killed?.body['conditions'])).not.toContain('httpRequest');
  });

  test.each([
    ['15 * * * *', '10800s', '3 hours'],
    ['*/30 * * * *', '10800s', '3 hours'],
    ['15 */6 * * *', '64800s', '18 hours'],
    ['0 */8 * * *', '84600s', '24 hours'],
  ])(
    'a watch at "%s" may be silent for %s, within the 23.5 hours that Google can wait',
    async (schedule, duration, words) => {
      const silent = (
        await instances('google_monitoring_alert_policy', {
          config: `${SAMPLE}watch: { schedule: "${schedule}" }\n`,
        })
      ).find(({ name }) => name === 'silent');
      const [absent, none] = rows(silent?.body['conditions']);
      expect(first(absent?.['condition_absent'])).toMatchObject({ duration });
      expect(textOf(absent?.['display_name'] ?? null)).toContain(words);
      const threshold = first(none?.['condition_threshold']);
      expect(threshold).toMatchObject({
        threshold_value: 1,
        evaluation_missing_data: 'EVALUATION_MISSING_DATA_ACTIVE',
      });
      expect(first(threshold['aggregations'])).toMatchObject({ alignment_period: duration });
    },
  );

  test('without a watch there is no alarm for a missing watch', async () => {
    const config = `${SAMPLE}watch: { schedule: false }\n`;
    const names = (await instances('google_monitoring_alert_policy', { config })).map(
      ({ name }) => name,
    );
    expect(names).not.toContain('silent');
    expect((await configurationOf({ config })).refusals()).toEqual([]);
  });

  test('a schedule that starts nothing does not mean a call of backup-now that is repeated', async () => {
    const filterOf = async (choice?: Choice) => {
      const alarm = (await instances('google_monitoring_alert_policy', choice)).find(
        ({ name, key }) => name === 'log' && key === 'schedules',
      );
      const [condition] = rows(alarm?.body['conditions']);
      return textOf(first(condition?.['condition_matched_log'])['filter']);
    };
    expect(await filterOf()).toMatch(
      / AND NOT \(resource\.labels\.job_id=~"\^lifeboat-backup-\(crm\)\$" AND \(httpRequest\.status=429 OR httpRequest\.status>=500\)\)$/,
    );
    const config =
      'store: gs://acme-backups\ndatabases:\n  shop: { source: "https://a.example.com/", schedule: "0 3 * * *" }\n';
    expect(await filterOf({ config })).toMatch(/severity>=ERROR$/);
  });

  test('every log filter matches complete service names, so that staging raises no alarm of production', async () => {
    const filters = [
      ...(await instances('google_monitoring_alert_policy')).filter(({ name }) => name === 'log'),
      ...(await instances('google_logging_metric')),
    ];
    const texts = filters.map(({ body }) =>
      textOf(body['filter'] ?? first(first(body['conditions'])['condition_matched_log'])['filter']),
    );
    const patterns = texts.map(
      (text) => /(?:service_name|job_id)=~"([^"]+)"/.exec(text)?.[1] ?? '',
    );
    for (const pattern of patterns) {
      expect(new RegExp(pattern).test('lifeboat-staging-watch'), pattern).toBe(false);
      expect(new RegExp(pattern).test('lifeboat-watch'), pattern).toBe(true);
    }
    expect(patterns.length).toBeGreaterThan(8);
  });
});

describe('the dashboard', () => {
  test('shows exactly the metrics that exist', async () => {
    const [dashboard] = await instances('google_monitoring_dashboard');
    const drawn = [
      ...textOf(dashboard?.body['dashboard_json']).matchAll(/user\/(lifeboat\/\w+)/g),
    ].map(([, name = '']) => name);
    const made = (await instances('google_logging_metric')).map(({ body }) => textOf(body['name']));
    expect([...new Set(drawn)].sort()).toEqual(made.sort());
  });
});
