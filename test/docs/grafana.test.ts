import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderMetrics } from '../../core/status/metrics.ts';
import { CONDITIONS } from '../../core/documents/status.ts';
import { parseExposition } from '../support/exposition.ts';
import { three } from '../support/status-document.ts';
import { ROOT } from './pages.ts';

type Target = { readonly expr: string; readonly legendFormat?: string };
type Panel = {
  readonly id: number;
  readonly title: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets: readonly Target[];
};
type Dashboard = {
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly definition?: string }[];
  };
};

const text = readFileSync(join(ROOT, 'examples', 'grafana', 'dashboard.json'), 'utf8');
const { panels, templating } = JSON.parse(text) as Dashboard;
const labelsByMetric = new Map(
  [...parseExposition(renderMetrics(three(), '1.0.0'))].map(([name, { samples }]) => [
    name,
    new Set(samples.flatMap(({ labels }) => Object.keys(labels))),
  ]),
);
const expressions = [
  ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ...templating.list.flatMap(({ definition }) => definition ?? []),
];

describe('the Grafana dashboard', () => {
  test.each(expressions)('asks only for metrics and labels that exist: %s', (expression) => {
    const metrics = expression.match(/lifeboat_\w+/g) ?? [];
    expect(metrics.length).toBeGreaterThan(0);
    for (const metric of metrics) expect([...labelsByMetric.keys()]).toContain(metric);
    const labels = [...expression.matchAll(/(\w+)=~?"/g)].map(([, label]) => label);
    for (const metric of metrics)
      for (const label of labels) expect([...(labelsByMetric.get(metric) ?? [])]).toContain(label);
    const conditions = [...expression.matchAll(/condition="(\w+)"/g)].map(([, name]) => name);
    expect(conditions.filter((name) => !(CONDITIONS as readonly unknown[]).includes(name))).toEqual(
      [],
    );
  });

  test('has a panel for each condition, and no two panels in one place', () => {
    expect(expressions.join(' ')).toMatch(
      new RegExp(CONDITIONS.map((each) => `(?=.*"${each}")`).join('')),
    );
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });

  test('uses only variables that it defines, and no data source of another installation', () => {
    const names = templating.list.map(({ name }) => name);
    for (const [, name = ''] of text.matchAll(/\$\{?(?!__)(\w+)/g)) expect(names).toContain(name);
    const uids = [...text.matchAll(/"uid": "([^"]*)"/g)].map(([, uid]) => uid);
    expect(new Set(uids)).toEqual(new Set(['${datasource}', 'lifeboat']));
  });
});
