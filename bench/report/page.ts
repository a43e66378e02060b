import { callsLine } from '../calls.ts';
import { NAMES, PEER_KEYS } from '../subjects/names.ts';
import type { Report } from './report.ts';
import { markdownTable, resultTable } from './table.ts';
import { targetRows } from './targets.ts';

const [BEGIN, END] = ['<!-- made by `npm run bench -- --save` -->', '<!-- end -->'];
/** Ratios are shown to those who make backups. */
const RIVALS = PEER_KEYS.map((key) => NAMES[key]).filter(
  (name) => name !== NAMES.sqlite && name !== NAMES.vacuum,
);

/** The page with the results of this run in the place of the last one's. */
export function withReport(page: string, report: Report): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error('the page has no place for the results');
  return `${before}${BEGIN}\n\n${reportText(report)}\n${END}${after}`;
}

/** What was measured, as markdown. */
export function reportText(report: Report): string {
  const { results, importMs, absent, loads, rounds, chain } = report;
  const rivals = RIVALS.filter((name) => !absent.includes(name));
  const load = loads.map((each) => each.toFixed(1)).join(' to ');
  const more = chain > 0 ? ` A chain of ${chain} increments.` : '';
  return [
    `${report.date}: Lifeboat ${report.lifeboat}, Node ${report.node}; ${report.peers}. Not measured: ${absent.join(', ') || 'none'}.`,
    `${report.machine}, load average ${load}. A database of ${report.size / 2 ** 20} MiB, ${rounds === 1 ? 'one round' : `medians of ${rounds} rounds`}.${more}`,
    '',
    resultTable(results, rivals),
    markdownTable(['target', 'at most', 'reached', ''], targetRows(results, importMs)),
    `Requests: ${callsLine(report.calls)}.`,
    '',
  ].join('\n');
}
