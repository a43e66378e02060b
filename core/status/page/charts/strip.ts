import { fit } from '../../../lib/text/text.ts';
import { formatSize, formatTime, formatTook } from '../../../lib/text/format.ts';
import { html, type Markup } from '../parts/html.ts';
import { dateText, shortTimeText } from '../parts/values.ts';
import type { PageView } from '../parts/view.ts';
import { DAY_MS } from '../../../lib/text/time.ts';
import { SLOTS, timelineOf, type TimelineSlot, type Timeline } from './timeline.ts';
import { countTones, isRestoreTest, runTone, type RunTone } from './tone.ts';
import type { RunRecord } from '../../../documents/run.ts';

const SLOT = 4;
const BAR = 3;
const STRIP_HEIGHT = 24;
// A bar is a thick dash from the bottom up, so that equal neighbours make one short path. Problems
// are higher.
const TALL: Readonly<Record<TimelineSlot['tone'], number>> = {
  good: 12,
  warn: 18,
  bad: STRIP_HEIGHT,
  gap: 4,
  none: 2,
};
const MOST_IN_TOOLTIP = 6;

type StripOptions = {
  /** Describes each bar, which makes a page long. */
  readonly tooltips: boolean;
  /** The dates below the bars. */
  readonly axis?: boolean;
};

/** The last runs as bars on an axis of time that ends now, so that a missed backup is a gap. */
export function strip(
  view: PageView,
  runs: readonly RunRecord[],
  { tooltips, axis = false }: StripOptions,
): Markup {
  const timeline = timelineOf(runs, view.at, view.timeZone);
  const { slots } = timeline;
  const tones = slots.map(({ tone }) => tone);
  const plain = tooltips ? (['none'] as const) : (['good', 'warn', 'bad', 'gap', 'none'] as const);
  const bars = plain.map((tone) => {
    const path = stretches(tones, tone);
    return path !== '' && html`<path class="bar ${tone}" d="${path}" />`;
  });
  const notches = slots
    .map(({ runs: each }, n) =>
      each.some(isRestoreTest) ? `M${n * SLOT} ${STRIP_HEIGHT - 6}h${BAR}` : '',
    )
    .join('');
  return html`<svg
      class="strip"
      viewBox="0 0 ${SLOTS * SLOT - (SLOT - BAR)} ${STRIP_HEIGHT}"
      preserveAspectRatio="none"
      role="img"
      aria-label="${view.words.strip(runs.length, countTones(runs))}${gapText(view, tones)}"
    >
      ${bars}${tooltips && slots.map((slot, n) => slotBar(view, timeline, slot, n))}${notches !== '' && html`<path class="notch" d="${notches}" />`}
    </svg>
    ${axis && axisOf(view, timeline)}`;
}

/** The meaning of the bars. */
export function legend({ words }: PageView): Markup {
  return html`<div class="legend">
    <p>${words.label.legend}</p>
    <ul>
      ${key('good', words.tone.good, false)}${key('warn', words.tone.warn, false)}${key('bad', words.tone.bad, false)}${key('gap', words.noRun, false)}${key('good', words.operation['restore-test'].toLowerCase(), true)}
    </ul>
  </div>`;
}

function slotBar(
  view: PageView,
  { from, stepMs }: Timeline,
  slot: TimelineSlot,
  n: number,
): Markup | false {
  if (slot.tone === 'none') return false;
  const text =
    slot.runs.length === 0
      ? `${shortTimeText(view, new Date(from + n * stepMs).toISOString(), stepMs >= DAY_MS)} · ${view.words.noRun}`
      : slotInWords(view, slot.runs);
  return html`<path class="bar ${slot.tone}" d="M${n * SLOT} ${middle(slot.tone)}h${BAR}"
    ><title>${text}</title></path
  >`;
}

function slotInWords(view: PageView, runs: readonly RunRecord[]): string {
  const lines = runs.slice(-MOST_IN_TOOLTIP).map((run) => runInWords(view, run));
  const more = runs.length - lines.length;
  return [...(more > 0 ? [`+${more}`] : []), ...lines].join('\n');
}

function gapText({ words }: PageView, tones: readonly TimelineSlot['tone'][]): string {
  const gaps = tones.filter((tone) => tone === 'gap').length;
  return gaps === 0 ? '' : `, ${words.gaps(gaps)}`;
}

function axisOf(view: PageView, { from, stepMs }: Timeline): Markup {
  const middleAt = from + (SLOTS / 2) * stepMs;
  const text = (ms: number): string => {
    const iso = new Date(ms).toISOString();
    return stepMs >= DAY_MS ? dateText(view, iso) : shortTimeText(view, iso, false);
  };
  return html`<p class="axis">
    <span>${text(from)}</span> <span>${text(middleAt)}</span> <span>${view.words.label.now}</span>
  </p>`;
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

function middle(tone: TimelineSlot['tone']): number {
  return STRIP_HEIGHT - TALL[tone] / 2;
}

/** The bars of one tone; neighbours are one dash. */
function stretches(tones: readonly TimelineSlot['tone'][], tone: TimelineSlot['tone']): string {
  let path = '';
  for (let n = 0; n < tones.length; n += 1) {
    if (tones[n] !== tone) continue;
    const begin = n;
    while (tones[n + 1] === tone) n += 1;
    path += `M${begin * SLOT} ${middle(tone)}h${(n - begin) * SLOT + BAR}`;
  }
  return path;
}

function key(tone: RunTone | 'gap', label: string, notch: boolean): Markup {
  return html`<li>
    <svg class="key" viewBox="0 0 ${BAR} ${STRIP_HEIGHT}" aria-hidden="true">
      <path class="bar ${tone}" d="M0 ${middle(tone)}h${BAR}" />
      ${notch && html`<path class="notch" d="M0 ${STRIP_HEIGHT - 6}h${BAR}" />`}</svg
    >${label}
  </li>`;
}
