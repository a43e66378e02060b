import { html, type Markup } from '../parts/html.ts';
import { sizeTicks } from './ticks.ts';

export type Point = {
  readonly at: number;
  readonly value: number;
  readonly strong: boolean;
  readonly text: string;
};
type Chart = {
  readonly title: string;
  /** The numbers, beside the title. */
  readonly range: string;
  readonly points: readonly Point[];
  readonly form: 'line' | 'bars';
  readonly tick: (value: number) => string;
  readonly day: (at: number) => string;
  /** A description for screen readers. */
  readonly text: string;
};

const CHART_WIDTH = 1000;
const CHART_HEIGHT = 100;
const WIDEST = 60;

/**
 * A chart with axes. Only the plot is SVG, which stretches; the ticks are evenly spaced text beside
 * it, so that they keep their size on a phone.
 */
export function chart({ title, range, points, form, tick, day, text }: Chart): Markup {
  const ticks = sizeTicks(Math.max(...points.map(({ value }) => value)));
  const top = ticks.at(-1) ?? 1;
  const [first = 0, last = 0] = [points[0]?.at, points.at(-1)?.at];
  // The first and the last bar are inset by half a slot.
  const margin = form === 'bars' ? CHART_WIDTH / points.length / 2 : 0;
  const x = (at: number): number =>
    whole(
      margin + (last === first ? 0 : ((at - first) / (last - first)) * (CHART_WIDTH - 2 * margin)),
    );
  const y = (value: number): number => whole(CHART_HEIGHT - (value / top) * CHART_HEIGHT);
  const width = whole(Math.min(WIDEST, Math.max(1.5, (CHART_WIDTH / points.length) * 0.62)));
  const path = points
    .map(({ at, value }, n) => `${n === 0 ? 'M' : 'L'}${x(at)} ${y(value)}`)
    .join('');
  const slot = CHART_WIDTH / points.length;
  // Backups from one or two days have fewer labels.
  const days = [...new Set([first, (first + last) / 2, last].map(day))];
  const plot =
    form === 'line'
      ? html`<path class="area" d="${path}V${CHART_HEIGHT}H${x(first)}z" /><path
            class="line"
            d="${path}"
          />`
      : html`${points.map(({ at, value, strong }) => html`<rect class="${strong ? 'strong' : 'weak'}" x="${whole(x(at) - width / 2)}" y="${y(value)}" width="${width}" height="${whole(CHART_HEIGHT - y(value))}" />`)}`;
  return html`<figure class="chart">
    <figcaption>${title} <span class="soft">${range}</span></figcaption>
    <div class="plot" role="img" aria-label="${text}">
      <ol class="ticks">
        ${ticks.toReversed().map((value) => html`<li>${tick(value)}</li>`)}
      </ol>
      <svg viewBox="0 0 ${CHART_WIDTH} ${CHART_HEIGHT}" preserveAspectRatio="none">
        ${ticks.map((value) => html`<path class="grid" d="M0 ${y(value)}H${CHART_WIDTH}" />`)}${plot}
        ${points.map((point) => html`<rect class="hover" x="${whole(x(point.at) - slot / 2)}" y="0" width="${whole(slot)}" height="${CHART_HEIGHT}"><title>${point.text}</title></rect>`)}
      </svg>
      <ol class="days">
        ${days.map((each) => html`<li>${each}</li>`)}
      </ol>
    </div>
  </figure>`;
}

function whole(value: number): number {
  return Math.round(value * 10) / 10;
}
