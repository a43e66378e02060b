import { join } from 'node:path';
import type { Step } from '../measure.ts';
import { NAMES } from './names.ts';
import type { Place, Subject } from './subject.ts';

const BACKUP =
  'sqlite3 "$1" ".backup $2" && zstd -q -3 -T2 --rm "$2" && sha256sum "$2.zst" > "$2.zst.sha256"';
const VERIFY =
  'for each in "$@"; do sha256sum --quiet -c "$each.zst.sha256" && zstd -q -t "$each.zst" || exit 1; done';
const RESTORE = 'sha256sum --quiet -c "$1.zst.sha256" && zstd -q -d "$1.zst" -o "$2" && sync "$2"';

/** What people write themselves. It has no increments: every time the whole. */
export function shell({ source, store, target }: Place): Subject {
  const sh = (script: string, ...args: string[]): Step => ({
    command: 'sh',
    args: ['-c', script, 'sh', ...args],
  });
  const [first, second] = [join(store, 'first'), join(store, 'second')];
  return {
    name: NAMES.shell,
    needs: [
      ['sqlite3', '--version'],
      ['zstd', '--version'],
      ['sha256sum', '--version'],
    ],
    prepare: async () => undefined,
    steps: {
      full: sh(BACKUP, source, first),
      increment: sh(BACKUP, source, second),
      restore: sh(RESTORE, second, join(target, 'shop.sqlite3')),
      verify: sh(VERIFY, first, second),
    },
  };
}
