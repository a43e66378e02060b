import { keptAfter } from './keep.ts';
import { ASSUMED, costsOf } from './model.ts';
import { REGIONS } from './prices.ts';

const FLEETS = [1, 10, 1000] as const;
const [BEGIN, END] = ['<!-- made by `npm run costs` -->', '<!-- end -->'];

/** The page with its table made anew. */
export function withCosts(page: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error('the page has no place for the table');
  return `${before}${BEGIN}\n\n${table()}\n\n${END}${after}`;
}

function table(): string {
  const columns = Object.keys(REGIONS).flatMap((region) =>
    FLEETS.map((count) => ({ region, count })),
  );
  const kept = keptAfter(ASSUMED.years, ASSUMED.retention);
  const costs = columns.map(({ region, count }) => costsOf(count, kept, region));
  const [first] = costs;
  const lines = Object.keys(first ?? {}).map((name) =>
    row([name, ...costs.map((each) => dollars(each[name as keyof typeof each]))]),
  );
  const sums = costs.map((each) => Object.values(each).reduce((sum, part) => sum + part, 0));
  return [
    row([
      'US dollars a month',
      ...columns.map(
        ({ region, count }) => `${region}: ${count} database${count === 1 ? '' : 's'}`,
      ),
    ]),
    row(['---', ...columns.map(() => '---:')]),
    ...lines,
    row(['**together**', ...sums.map((sum) => `**${dollars(sum)}**`)]),
    row(['for each database', ...sums.map((sum, at) => dollars(sum / (columns[at]?.count ?? 1)))]),
    '',
    `After ${ASSUMED.years} years each database has ${kept.full} full and ${kept.incremental} incremental backups in the bucket, by Lifeboat's own retention policy.`,
  ].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function dollars(amount: number): string {
  return amount === 0 ? '0' : amount < 0.005 ? '< 0.01' : amount.toFixed(2);
}
