import { join } from 'node:path';
import { NAMES } from './names.ts';
import type { Place, Subject } from './subject.ts';

/** A copy with nothing else: it is neither checked, nor compressed, nor synced. */
export function vacuum({ source, store }: Place): Subject {
  return {
    name: NAMES.vacuum,
    needs: [['sqlite3', '--version']],
    prepare: async () => undefined,
    steps: {
      full: {
        command: 'sqlite3',
        args: ['-readonly', source, `vacuum into '${join(store, 'copy.sqlite3')}'`],
      },
    },
  };
}
