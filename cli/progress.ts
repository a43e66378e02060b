import { ENGLISH, formatSize, formatTook } from '../core/lib/text/format.ts';
import { visibleOutput } from './visible.ts';

const REDRAW_MS = 100;
/** Before that, the speed of a step is a guess. */
const LEAST_SAMPLE_MS = 1000;

type Step = { readonly startedAt: number; readonly from: number; done: number };

/**
 * A progress bar on one line, with bytes, speed and time left, redrawn at most ten times a second.
 */
export function createProgress(write: (text: string) => void, columns: number, now: () => number) {
  const steps = new Map<string, Step>();
  let drawnAt = -Infinity;
  let isDrawn = false;
  return {
    update: (name: string, done: number, total: number): void => {
      if (total <= 0) return;
      const step = currentStep(steps, { name, done, at: now() });
      if (now() - drawnAt < REDRAW_MS && done < total) return;
      drawnAt = now();
      isDrawn = true;
      const facts = progressFacts(step, total, now() - step.startedAt);
      write(`\r${line(visibleOutput(name), done / total, facts, columns)}\u001B[K`);
    },
    clear: (): void => {
      if (isDrawn) write('\r\u001B[K');
      isDrawn = false;
    },
  };
}

/** A step that goes back has begun again, for the next database or backup. */
function currentStep(
  steps: Map<string, Step>,
  { name, done, at }: { readonly name: string; readonly done: number; readonly at: number },
): Step {
  const before = steps.get(name);
  const step =
    before === undefined || done < before.done ? { startedAt: at, from: done, done } : before;
  step.done = done;
  steps.set(name, step);
  return step;
}

/** `1.2 GiB of 2.9 GiB`, `180 MiB/s`, `9 s left`: what a narrow terminal leaves out comes last. */
function progressFacts({ from, done }: Step, total: number, ms: number): string[] {
  const facts = [`${formatSize(ENGLISH, done)} of ${formatSize(ENGLISH, total)}`];
  const perMs = (done - from) / ms;
  if (ms < LEAST_SAMPLE_MS || perMs <= 0) return facts;
  facts.push(`${formatSize(ENGLISH, perMs * 1000)}/s`);
  const restMs = Math.ceil((total - done) / perMs / 1000) * 1000;
  if (restMs > 0) facts.push(`${formatTook(ENGLISH, restMs)} left`);
  return facts;
}

function line(name: string, share: number, facts: readonly string[], columns: number): string {
  const percent = `${String(Math.floor(100 * Math.min(1, share))).padStart(3)} %`;
  const head = `${name.padEnd(9)} `;
  // The last column stays free: a terminal may wrap there.
  const room = columns - 1 - head.length - percent.length - 3;
  let text = '';
  for (const fact of facts) {
    const longer = text === '' ? `  ${fact}` : `${text}, ${fact}`;
    if (room - longer.length >= 10) text = longer;
  }
  const width = Math.max(10, Math.min(30, room - text.length));
  const filled = Math.round(Math.min(1, share) * width);
  return `${head}[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${percent}${text}`;
}
