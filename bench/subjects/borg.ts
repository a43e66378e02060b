import { join } from 'node:path';
import { run, type Step } from '../measure.ts';
import { NAMES } from './names.ts';
import type { Place, Subject } from './subject.ts';

/** Its defaults (compression lz4), without encryption, which is the cheapest for it. */
export function borg({ source, store, target, scratch }: Place): Subject {
  const env = {
    BORG_REPO: join(store, 'repository'),
    BORG_BASE_DIR: join(scratch, 'base'),
    BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes',
  };
  const step = (...args: string[]): Step => ({ command: 'borg', args, env, cwd: target });
  return {
    name: NAMES.borg,
    needs: [['borg', '--version']],
    prepare: () => run(step('init', '--encryption', 'none')),
    steps: {
      full: step('create', '::full', source),
      increment: step('create', '::increment', source),
      restore: step('extract', '::increment'),
      verify: step('check', '--verify-data'),
    },
    restored: join(target, source),
  };
}
