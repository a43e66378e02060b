import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { takeSnapshot } from '../sqlite/snapshot/snapshot.ts';
import type { Source } from './source.ts';

/** A database on this machine. It has no version; the snapshot's `holds` says whether it changed. */
export function createFileSource(path: string, now: () => Date): Source {
  const place = resolve(path);
  return {
    url: pathToFileURL(place).href,
    // The WAL may hold pages that lie beyond the end of the file.
    measure: async (signal) => {
      signal?.throwIfAborted();
      const main = await fileSize(place).catch(() => undefined);
      return main === undefined
        ? undefined
        : main + (await fileSize(`${place}-wal`).catch(() => 0));
    },
    pull: async ({ known: _, ...options }) => {
      const snapshot = await takeSnapshot(place, options);
      // The clock of the run counts, as for every other source; the snapshot's process has its own.
      const ageMs = Date.now() - snapshot.takenAt.getTime();
      return { ...snapshot, takenAt: new Date(now().getTime() - ageMs) };
    },
  };
}

function fileSize(path: string): Promise<number> {
  return stat(path).then(({ size }) => size);
}
