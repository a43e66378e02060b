import { join } from 'node:path';
import { run, type Step } from '../measure.ts';
import { NAMES } from './names.ts';
import type { Place, Subject } from './subject.ts';

/**
 * Its defaults: encryption, compression `auto`. The password is that of a repository which is
 * thrown away.
 */
export function restic({ source, store, target, scratch }: Place): Subject {
  const repository = join(store, 'repository');
  const env = {
    RESTIC_REPOSITORY: repository,
    RESTIC_PASSWORD: 'bench',
    RESTIC_CACHE_DIR: join(scratch, 'cache'),
  };
  const step = (...args: string[]): Step => ({ command: 'restic', args, env });
  return {
    name: NAMES.restic,
    needs: [['restic', 'version']],
    prepare: () => run(step('init')),
    steps: {
      full: step('backup', source),
      increment: step('backup', source),
      restore: step('restore', 'latest', '--target', target),
      verify: step('check', '--read-data'),
    },
    proven: {
      name: NAMES.proven,
      step: {
        command: 'sh',
        args: [
          '-c',
          'restic restore latest --target "$1" --verify && sync "$2"',
          'sh',
          target,
          join(target, source),
        ],
        env,
      },
    },
    restored: join(target, source),
  };
}
