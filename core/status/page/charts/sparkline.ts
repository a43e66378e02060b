import { html, type Markup } from '../parts/html.ts';

const SPARK_HEIGHT = 24;
// Steps are whole numbers, which keeps the paths short.
const SPARK_WIDTH = 78;
const END_MARGIN = 2;
// More points than this are not visible at this size.
const SPARK_POINTS = 40;

/** A small line of values, oldest on the left. `text` is its description for screen readers. */
export function sparkline(values: readonly number[], text: string): Markup {
  const ys = heights(values.length === 1 ? [...values, ...values] : sample(values));
  const step = Math.floor(SPARK_WIDTH / (ys.length - 1));
  const [first = 0, last = 0, width] = [ys[0], ys.at(-1), (ys.length - 1) * step];
  // One path for line and area: its closing edges are outside the visible part.
  const path = `M-9 ${first}H0${trail(ys, step)}h9V40H-9z`;
  return html`<svg
    class="spark"
    viewBox="0 0 ${width + END_MARGIN} ${SPARK_HEIGHT}"
    preserveAspectRatio="none"
    role="img"
  >
    <title>${text}</title>
    <path d="${path}" />
    <path class="dot" d="M${width} ${last}h0" />
  </svg>`;
}

/** The values as heights. The lowest value is the floor, not zero, so that changes are visible. */
function heights(values: readonly number[]): number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return values.map((value) =>
    high === low
      ? SPARK_HEIGHT / 2
      : Math.round(SPARK_HEIGHT - 3 - ((value - low) / (high - low)) * (SPARK_HEIGHT - 6)),
  );
}

/** At most `SPARK_POINTS` of the values, evenly spaced, with the first and the last. */
function sample(values: readonly number[]): readonly number[] {
  return values.length <= SPARK_POINTS
    ? values
    : Array.from(
        { length: SPARK_POINTS },
        (_, n) => values[Math.round((n * (values.length - 1)) / (SPARK_POINTS - 1))] ?? 0,
      );
}

// Relative steps, with equal values merged: a page may contain a thousand of these.
function trail(ys: readonly number[], step: number): string {
  let path = '';
  let flat = 0;
  for (const [n, y] of ys.entries()) {
    const rise = y - (ys[n - 1] ?? y);
    if (n === 0) continue;
    if (rise === 0) {
      flat += step;
      continue;
    }
    path += `${flat > 0 ? `h${flat}` : ''}l${step}${rise < 0 ? '' : ' '}${rise}`;
    flat = 0;
  }
  return `${path}${flat > 0 ? `h${flat}` : ''}`;
}
