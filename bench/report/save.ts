import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { drawChart } from './chart.ts';
import { withReport } from './page.ts';
import type { Report } from './report.ts';

const DOCS = join(import.meta.dirname, '..', '..', 'docs');

/** Publishes a run: its numbers, the page that shows them, and the charts of the page. */
export async function saveReport(report: Report): Promise<void> {
  const page = join(DOCS, 'benchmarks.md');
  const text = withReport(await readFile(page, 'utf8'), report);
  await writeFile(join(DOCS, 'benchmarks.json'), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(page, text);
  for (const palette of ['light', 'dark'] as const)
    await writeFile(
      join(DOCS, 'images', `benchmarks-${palette}.svg`),
      drawChart(report.results, palette),
    );
}
