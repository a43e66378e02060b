import { NAMES } from '../subjects/names.ts';
import type { Result } from '../results.ts';

type Colours = Readonly<
  Record<'background' | 'text' | 'quiet' | 'ours' | 'theirs' | 'track', string>
>;
const PALETTES: Readonly<Record<'light' | 'dark', Colours>> = {
  light: {
    background: '#ffffff',
    text: '#1f2328',
    quiet: '#57606a',
    ours: '#2f81c7',
    theirs: '#afb8c1',
    track: '#f4f6f8',
  },
  dark: {
    background: '#0d1117',
    text: '#e6edf3',
    quiet: '#9198a1',
    ours: '#4a9bdc',
    theirs: '#484f58',
    track: '#161b22',
  },
};
const FONT = 'system-ui, -apple-system, &quot;Segoe UI&quot;, Roboto, sans-serif';
const WIDTH = 760;
const LABEL_WIDTH = 320;
const BAR_WIDTH = 360;
const ROW = 24;
const TITLE = 34;
const CHECKED: readonly string[] = [NAMES.full, NAMES.copied, NAMES.sqlite];
const TITLES = {
  increment: 'Incremental backup',
  restore: 'Restore',
  verify: 'Verify every stored page',
} as const;

type Panel = { readonly title: string; readonly results: readonly Result[] };

/** Wall times of each operation as bars, each operation on a scale of its own: an SVG image. */
export function drawChart(results: readonly Result[], palette: 'light' | 'dark'): string {
  const colours = PALETTES[palette];
  const panels = panelsOf(results);
  let y = 8;
  const parts = panels.map((panel) => {
    const part = drawPanel(panel, colours, y);
    y += TITLE + panel.results.length * ROW + 10;
    return part;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" font-family="${FONT}" font-size="13">`,
    '<title>Seconds that each operation takes; docs/benchmarks.md has the numbers</title>',
    `<rect width="${WIDTH}" height="${y}" fill="${colours.background}"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

/** The full check takes so much longer that it has a scale of its own. */
function panelsOf(results: readonly Result[]): Panel[] {
  const full = results.filter(({ operation }) => operation === 'full');
  const panels = [
    {
      title: 'Full backup with integrity_check, the default',
      results: full.filter(({ program }) => CHECKED.includes(program)),
    },
    {
      title: 'Full backup with quick_check, and of other programs',
      results: full.filter(({ program }) => !CHECKED.includes(program)),
    },
    ...Object.entries(TITLES).map(([operation, title]) => ({
      title,
      results: results.filter((each) => each.operation === operation),
    })),
  ];
  return panels.filter((panel) => panel.results.length > 0);
}

function drawPanel({ title, results }: Panel, colours: Colours, top: number): string {
  const longest = Math.max(...results.map(({ wall }) => wall));
  const bars = results.map(({ program, wall }, at) => {
    const y = top + TITLE + at * ROW;
    const isOurs = program.startsWith('lifeboat');
    const width = Math.max(2, (wall / longest) * BAR_WIDTH);
    return [
      `<text x="${LABEL_WIDTH - 10}" y="${y + 15}" text-anchor="end" fill="${isOurs ? colours.text : colours.quiet}"${isOurs ? ' font-weight="600"' : ''}>${program}</text>`,
      `<rect x="${LABEL_WIDTH}" y="${y + 3}" width="${BAR_WIDTH}" height="${ROW - 8}" rx="3" fill="${colours.track}"/>`,
      `<rect x="${LABEL_WIDTH}" y="${y + 3}" width="${width.toFixed(1)}" height="${ROW - 8}" rx="3" fill="${isOurs ? colours.ours : colours.theirs}"/>`,
      `<text x="${LABEL_WIDTH + BAR_WIDTH + 10}" y="${y + 15}" fill="${colours.text}">${wall.toFixed(1)} s</text>`,
    ].join('\n');
  });
  return [
    `<text x="16" y="${top + 20}" font-size="14" font-weight="600" fill="${colours.text}">${title}</text>`,
    ...bars,
  ].join('\n');
}
