import { fit } from '../../../lib/text.ts';
import { formatSize, formatTime, formatTook } from '../../../lib/format.ts';
import { html, type Markup } from '../parts/html.ts';
import type { PageView } from '../parts/view.ts';
import { countTones, isRestoreTest, runTone, type RunTone } from './tone.ts';
import type { RunRecord } from '../../../documents/run.ts';

export const SLOTS = 90;
const SLOT = 4;
const BAR = 3;
const STRIP_HEIGHT = 24;
// A bar is a thick dash from the bottom up, so that equal neighbours make one short path. Problems
// are higher.
const TALL: Readonly<Record<RunTone, number>> = { good: 12, warn: 18, bad: STRIP_HEIGHT };

/**
 * The last runs as bars, the newest on the right. Tooltips describe each run, and make a page long.
 */
export function strip(
  view: PageView,
  runs: readonly RunRecord[],
  { tooltips }: { readonly tooltips: boolean },
): Markup {
  const visibleRuns = runs.slice(-SLOTS);
  const from = SLOTS - visibleRuns.length;
  const tones = visibleRuns.map(runTone);
  const bars = tooltips
    ? visibleRuns.map((run, n) => {
        const tone = runTone(run);
        return html`<path class="bar ${tone}" d="M${(from + n) * SLOT} ${middle(tone)}h${BAR}"
          ><title>${runInWords(view, run)}</title></path
        >`;
      })
    : (['good', 'warn', 'bad'] as const).map((tone) => {
        const path = stretches(tones, tone, from);
        return path !== '' && html`<path class="bar ${tone}" d="${path}" />`;
      });
  const notches = visibleRuns
    .map((run, n) => (isRestoreTest(run) ? `M${(from + n) * SLOT} ${STRIP_HEIGHT - 6}h${BAR}` : ''))
    .join('');
  return html`<svg
    class="strip"
    viewBox="0 0 ${SLOTS * SLOT - (SLOT - BAR)} ${STRIP_HEIGHT}"
    preserveAspectRatio="none"
    role="img"
    aria-label="${view.words.strip(visibleRuns.length, countTones(visibleRuns))}"
  >
    ${from > 0 && html`<path class="bar none" d="M0 ${STRIP_HEIGHT - 1}h${from * SLOT - (SLOT - BAR)}" />`}${bars}${notches !== '' && html`<path class="notch" d="${notches}" />`}
  </svg>`;
}

/** The meaning of the bars. */
export function legend({ words }: PageView): Markup {
  return html`<div class="legend">
    <p>${words.label.legend}</p>
    <ul>
      ${key('good', words.tone.good, false)}${key('warn', words.tone.warn, false)}${key('bad', words.tone.bad, false)}${key('good', words.operation['restore-test'].toLowerCase(), true)}
    </ul>
  </div>`;
}

/** A run in one line, for its tooltip. */
function runInWords({ words, timeZone }: PageView, run: RunRecord): string {
  const operation = isRestoreTest(run) ? words.operation['restore-test'] : words.operation.backup;
  const facts = run.error
    ? [`${run.error.code}: ${fit(run.error.message, 200)}`]
    : [
        ...(run.backup ? [formatSize(words, run.backup.size)] : []),
        formatTook(words, run.durationMs),
      ];
  return `${formatTime(words, run.endedAt, timeZone)} · ${operation} · ${words.tone[runTone(run)]} · ${facts.join(' · ')}`;
}

function middle(tone: RunTone): number {
  return STRIP_HEIGHT - TALL[tone] / 2;
}

/** The bars of one tone; neighbours are one dash. */
function stretches(tones: readonly RunTone[], tone: RunTone, from: number): string {
  let path = '';
  for (let n = 0; n < tones.length; n += 1) {
    if (tones[n] !== tone) continue;
    const begin = n;
    while (tones[n + 1] === tone) n += 1;
    path += `M${(from + begin) * SLOT} ${middle(tone)}h${(n - begin) * SLOT + BAR}`;
  }
  return path;
}

function key(tone: RunTone, label: string, notch: boolean): Markup {
  return html`<li>
    <svg class="key" viewBox="0 0 ${BAR} ${STRIP_HEIGHT}" aria-hidden="true">
      <path class="bar ${tone}" d="M0 ${middle(tone)}h${BAR}" />
      ${notch && html`<path class="notch" d="M0 ${STRIP_HEIGHT - 6}h${BAR}" />`}</svg
    >${label}
  </li>`;
}
