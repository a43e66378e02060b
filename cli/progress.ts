/** A bar on a terminal, redrawn at most ten times a second. */
export function createProgress(write: (text: string) => void, columns: number, now: () => number) {
  let last = 0;
  let shown = false;
  return {
    update: (step: string, done: number, total: number): void => {
      if (total <= 0 || (now() - last < 100 && done < total)) return;
      last = now();
      shown = true;
      const width = Math.max(10, Math.min(40, columns - 24));
      const filled = Math.round((Math.min(done, total) / total) * width);
      write(
        `\r${step.padEnd(9)} [${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${String(Math.floor((100 * done) / total)).padStart(3)} %`,
      );
    },
    clear: (): void => {
      if (shown) write('\r\u001B[K');
      shown = false;
    },
  };
}
