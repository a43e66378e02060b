import { html, type Markup } from '../parts/html.ts';

const HEIGHT = 24;
// Whole steps make short paths; the widest drawing has forty of them.
const WIDTH = 78;
const END = 2;
// More than this is not seen on so little room.
const MOST = 40;

/** A small line of how a figure went, oldest on the left. `text` says the same in words. */
export function sparkline(values: readonly number[], text: string): Markup {
  const ys = heights(values.length === 1 ? [...values, ...values] : some(values));
  const step = Math.floor(WIDTH / (ys.length - 1));
  const [first = 0, last = 0, width] = [ys[0], ys.at(-1), (ys.length - 1) * step];
  // One path for line and area: what closes it lies outside the drawing, which hides it.
  const path = `M-9 ${first}H0${trail(ys, step)}h9V40H-9z`;
  return html`<svg
    class="spark"
    viewBox="0 0 ${width + END} ${HEIGHT}"
    preserveAspectRatio="none"
    role="img"
  >
    <title>${text}</title>
    <path d="${path}" />
    <path class="dot" d="M${width} ${last}h0" />
  </svg>`;
}

/** The values as whole heights; a flat line when they do not differ. Zero is not the floor: what matters is the change. */
function heights(values: readonly number[]): number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return values.map((value) =>
    high === low
      ? HEIGHT / 2
      : Math.round(HEIGHT - 3 - ((value - low) / (high - low)) * (HEIGHT - 6)),
  );
}

/** Some of the values at even distances, the first and the last among them. */
function some(values: readonly number[]): readonly number[] {
  return values.length <= MOST
    ? values
    : Array.from(
        { length: MOST },
        (_, n) => values[Math.round((n * (values.length - 1)) / (MOST - 1))] ?? 0,
      );
}

// Relative steps, and equal ones in one go: a page may hold a thousand of these.
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
