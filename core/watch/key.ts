import type { Config } from '../config/load.ts';
import type { Finding } from '../documents/finding.ts';
import type { Keys } from '../format/keys.ts';
import type { Manifest } from '../format/manifest.ts';
import { okFinding } from './finding.ts';

/**
 * Whether planted backups can be recognized. Without the key, every manifest is accepted, so one
 * that was planted would silence the other checks. Any authenticated backup raises the alarm, not
 * only the newest: the newest may be the planted one.
 */
export function judgeKey(
  manifests: readonly Pick<Manifest, 'hmac'>[],
  { key, olderKeys }: Pick<Keys, 'key' | 'olderKeys'>,
  { watch }: { readonly watch: Pick<Config['watch'], 'key'> },
): Finding<'key'>[] {
  if (key !== undefined || olderKeys.length > 0)
    return [okFinding('key', 'LIFEBOAT_KEY authenticates every backup that counts')];
  if (manifests.every(({ hmac }) => hmac === null))
    return [
      okFinding('key', 'no backup is authenticated, because none was made with LIFEBOAT_KEY'),
    ];
  if (watch.key === 'off')
    return [
      okFinding(
        'key',
        'the backups are authenticated, but LIFEBOAT_KEY is not set here and watch.key is off: the watch would accept a planted backup',
      ),
    ];
  return [
    {
      check: 'key',
      about: 'missing',
      level: 'fault',
      code: 'key_missing',
      detail:
        'the backups are authenticated, but LIFEBOAT_KEY is not set here, so the watch would accept a planted backup',
      hint: 'Set LIFEBOAT_KEY to the value that the backups use. On Google Cloud, apply the Terraform, which gives it to the watch. If you gave up the key, set watch.key to off in lifeboat.yaml.',
    },
  ];
}
