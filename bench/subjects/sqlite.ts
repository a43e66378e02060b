import { NAMES } from './names.ts';
import type { Place, Subject } from './subject.ts';

/** The check alone, which our backup with the full check is held against. */
export function sqlite({ source }: Place): Subject {
  return {
    name: NAMES.sqlite,
    needs: [['sqlite3', '--version']],
    prepare: async () => undefined,
    steps: {
      full: {
        command: 'sqlite3',
        args: ['-readonly', `file:${source}?immutable=1`, 'pragma integrity_check'],
      },
    },
  };
}
