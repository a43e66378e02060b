import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Step } from '../measure.ts';
import type { Place, Subject } from './subject.ts';

const CLI = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.js');

/**
 * The compiled command line, as a user runs it. The native engine judges alone, so that memory does
 * not grow with the database.
 */
export function lifeboat(
  { source, store, target, scratch }: Place,
  name: string,
  integrity: 'quick' | 'full',
): Subject {
  const config = join(scratch, 'lifeboat.yaml');
  const database = { source, inspection: { integrity, sandboxLimit: '0B' } };
  const step = (...args: string[]): Step => ({
    command: process.execPath,
    args: [CLI, '--config', config, '--quiet', ...args],
    env: { TMPDIR: scratch },
  });
  const restored = join(target, 'shop.sqlite3');
  return {
    name,
    needs: [],
    // JSON is YAML.
    prepare: () => writeFile(config, JSON.stringify({ store, databases: { shop: database } })),
    steps: {
      full: step('backup', 'shop'),
      increment: step('backup', 'shop', '--kind', 'incremental'),
      restore: step('restore', 'shop', '--to', restored),
      verify: step('verify', 'shop', '--read-data'),
    },
    restored,
  };
}
