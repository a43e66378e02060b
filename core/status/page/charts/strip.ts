import { fit } from '../../../lib/text.ts';
import { formatSize, formatTime, formatTook } from '../../../lib/format.ts';
import { html, type Markup } from '../parts/html.ts';
import type { View } from '../parts/view.ts';
import { countTones, isRestoreTest, toneOf, type Tone } from './tone.ts';
import type { RunRecord } from '../../../documents/run.ts';

export const SLOTS = 90;
const SLOT = 4;
const BAR = 3;
const HEIGHT = 24;
// A bar is a thick dash from the bottom up, so that equal neighbours make one short path. Problems
// are higher.
const TALL: Readonly<Record<Tone, number>> = { good: 12, warn: 18, bad: HEIGHT };

/**
 * The last runs as bars, the newest on the right. Tooltips describe each run, and make a page long.
 */
export function strip(
  view: View,
  runs: readonly RunRecord[],
  { tooltips }: { readonly tooltips: boolean },
): Markup {
  const shown = runs.slice(-SLOTS);
  const from = SLOTS - shown.length;
  const tones = shown.map(toneOf);
  const bars = tooltips
    ? shown.map((run, n) => {
        const tone = toneOf(run);
        return html`<path class="bar ${tone}" d="M${(from + n) * SLOT} ${middle(tone)}h${BAR}"
          ><title>${runInWords(view, run)}</title></path
        >`;
      })
    : (['good', 'warn', 'bad'] as const).map((tone) => {
        const path = stretches(tones, tone, from);
        return path !== '' && html`<path class="bar ${tone}" d="${path}" />`;
      });
  const notches = shown
    .map((run, n) => (isRestoreTest(run) ? `M${(from + n) * SLOT} ${HEIGHT - 6}h${BAR}` : ''))
    .join('');
  return html`<svg
    class="strip"
    viewBox="0 0 ${SLOTS * SLOT - (SLOT - BAR)} ${HEIGHT}"
    preserveAspectRatio="none"
    role="img"
    aria-label="${view.words.strip(shown.length, countTones(shown))}"
  >
    ${from > 0 && html`<path class="bar none" d="M0 ${HEIGHT - 1}h${from * SLOT - (SLOT - BAR)}" />`}${bars}${notches !== '' && html`<path class="notch" d="${notches}" />`}
  </svg>`;
}

/** The meaning of the bars. */
export function legend({ words }: View): Markup {
  return html`<div class="legend">
    <p>${words.label.legend}</p>
    <ul>
      ${key('good', words.tone.good, false)}${key('warn', words.tone.warn, false)}${key('bad', words.tone.bad, false)}${key('good', words.operation['restore-test'].toLowerCase(), true)}
    </ul>
  </div>`;
}

/** A run in one line, for its tooltip. */
function runInWords({ words, timeZone }: View, run: RunRecord): string {
  const operation = isRestoreTest(run) ? words.operation['restore-test'] : words.operation.backup;
  const facts = run.error
    ? [`${run.error.code}: ${fit(run.error.message, 200)}`]
    : [
        ...(run.backup ? [formatSize(words, run.backup.size)] : []),
        formatTook(words, run.durationMs),
      ];
  return `${formatTime(words, run.endedAt, timeZone)} · ${operation} · ${words.tone[toneOf(run)]} · ${facts.join(' · ')}`;
}

function middle(tone: Tone): number {
  return HEIGHT - TALL[tone] / 2;
}

/** The bars of one tone; neighbours are one dash. */
function stretches(tones: readonly Tone[], tone: Tone, from: number): string {
  let path = '';
  for (let n = 0; n < tones.length; n += 1) {
    if (tones[n] !== tone) continue;
    const begin = n;
    while (tones[n + 1] === tone) n += 1;
    path += `M${(from + begin) * SLOT} ${middle(tone)}h${(n - begin) * SLOT + BAR}`;
  }
  return path;
}

function key(tone: Tone, label: string, notch: boolean): Markup {
  return html`<li>
    <svg class="key" viewBox="0 0 ${BAR} ${HEIGHT}" aria-hidden="true">
      <path class="bar ${tone}" d="M0 ${middle(tone)}h${BAR}" />
      ${notch && html`<path class="notch" d="M0 ${HEIGHT - 6}h${BAR}" />`}</svg
    >${label}
  </li>`;
}
