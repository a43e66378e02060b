import { visibleOutput } from './visible.ts';

const REDRAW_MS = 100;

/** A progress bar on one line, redrawn at most ten times a second. */
export function createProgress(write: (text: string) => void, columns: number, now: () => number) {
  let drawnAt = 0;
  let isDrawn = false;
  return {
    update: (step: string, done: number, total: number): void => {
      if (total <= 0 || (now() - drawnAt < REDRAW_MS && done < total)) return;
      drawnAt = now();
      isDrawn = true;
      const width = Math.max(10, Math.min(40, columns - 24));
      const filled = Math.round((Math.min(done, total) / total) * width);
      write(
        `\r${visibleOutput(step).padEnd(9)} [${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${String(Math.floor((100 * done) / total)).padStart(3)} %`,
      );
    },
    clear: (): void => {
      if (isDrawn) write('\r\u001B[K');
      isDrawn = false;
    },
  };
}
