import { stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { takeSnapshot } from '../sqlite/snapshot.ts';
import type { Source } from './source.ts';

/** A database file of this machine. */
export const createFileSource = (path: string): Source => ({
  url: pathToFileURL(path).href,
  measure: async () => (await stat(path).catch(() => undefined))?.size,
  pull: (options) => takeSnapshot(path, options),
});
