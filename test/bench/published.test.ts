import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { drawChart } from '../../bench/report/chart.ts';
import { withReport } from '../../bench/report/page.ts';
import type { Report } from '../../bench/report/report.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const read = (name: string) => readFileSync(join(DOCS, name), 'utf8');
const report = JSON.parse(read('benchmarks.json')) as Report;

test('docs/benchmarks.md shows the results of docs/benchmarks.json', () => {
  const page = read('benchmarks.md');
  expect(withReport(page, report)).toBe(page);
});

test.each(['light', 'dark'] as const)('the %s chart shows the same results', (palette) => {
  expect(read(`images/benchmarks-${palette}.svg`)).toBe(drawChart(report.results, palette));
});

test('a page without a place for the results is refused', () => {
  expect(() => withReport('# Benchmarks', report)).toThrow('no place');
});
