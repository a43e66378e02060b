import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../core/config/load.ts';
import { renderMetrics } from '../../core/status/metrics.ts';
import { parseExposition } from '../support/exposition.ts';
import { hostStatus, nightly } from '../support/summaries.ts';

const READ = `
import json, sys
from prometheus_client.parser import text_string_to_metric_families
families = text_string_to_metric_families(sys.stdin.read())
json.dump([[f.name, f.documentation, f.type, [[s.labels, s.value] for s in f.samples]] for f in families], sys.stdout)
`;

describe('the metrics', () => {
  test('mean the same to the Python client of Prometheus and to the parser of the tests', () => {
    const at = new Date('2026-11-24T12:00:00Z');
    const config = parseConfig(
      'databases: { shop: { source: shop.db, schedule: "0 3 * * *" } }',
      '/',
    );
    const shop = hostStatus('shop', nightly('shop', at), config, at);
    const databases = ['shop', 'a"b\\c\nd', '<script>', 'ção'].map((name) => ({ ...shop, name }));
    const text = renderMetrics(
      { version: 1, at: at.toISOString(), condition: 'good', databases },
      '1.2.3',
    );
    const read = JSON.parse(
      execFileSync('/usr/bin/python3', ['-c', READ], { input: text, encoding: 'utf8' }),
    ) as unknown;
    const expected = [...parseExposition(text)].map(([name, { help, type, samples }]) => [
      name,
      help,
      type,
      samples.map(({ labels, value }) => [labels, value]),
    ]);
    expect(expected).toHaveLength(15);
    expect(read).toEqual(expected);
  });
});
