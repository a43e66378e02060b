import { describe, expect, test } from 'vitest';
import { textOf } from '../hcl/values.ts';
import { rows, first, instances, shown } from './support/rows.ts';

describe('the alarms', () => {
  test('tell of errors, of what the platform ended, of schedules, of dead letters and of silence, all by a mail of Google’s', async () => {
    const alarms = await instances('google_monitoring_alert_policy');
    expect(alarms.map(({ name, key }) => key ?? name).sort()).toEqual([
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

  test('limit how often a log alarm tells, which Google requires', async () => {
    for (const { body } of (await instances('google_monitoring_alert_policy')).filter(
      ({ name }) => name === 'log',
    )) {
      expect(rows(body['conditions'])).toHaveLength(1);
      expect(first(first(body['alert_strategy'])['notification_rate_limit'])).toEqual({
        period: '900s',
      });
    }
  });

  test('wait three hours for the watch, which is within what absence can wait', async () => {
    const silent = (await instances('google_monitoring_alert_policy')).find(
      ({ name }) => name === 'silent',
    );
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
  test('draws only metrics that are made, and every metric is drawn', async () => {
    const [dashboard] = await instances('google_monitoring_dashboard');
    const drawn = [
      ...textOf(dashboard?.body['dashboard_json']).matchAll(/user\/(lifeboat\/\w+)/g),
    ].map(([, name = '']) => name);
    const made = (await instances('google_logging_metric')).map(({ body }) => textOf(body['name']));
    expect([...new Set(drawn)].sort()).toEqual(made.sort());
  });
});
