import { channelNames } from '../../config/notify.ts';
import { ENGLISH, formatList } from '../../lib/text/format.ts';
import type { Environment } from '../../app/adapters.ts';
import { parseKeys, type Keys } from '../../format/keys.ts';
import type { Config } from '../../config/load.ts';
import { fault, faultOf, ok, warning, type DoctorFinding } from './finding.ts';
import { neededSecrets } from '../../config/secrets.ts';

/** The keys of the environment, or a finding when they are invalid. */
export function readKeys(env: Environment): { keys: Keys; findings: DoctorFinding[] } {
  try {
    return { keys: parseKeys(env['LIFEBOAT_IDENTITY'], env['LIFEBOAT_KEY']), findings: [] };
  } catch (error) {
    return { keys: { identities: [], olderKeys: [] }, findings: [faultOf('secrets', '', error)] };
  }
}

/** Whether the required secrets are set and look valid. The findings never contain their values. */
export function checkSecrets(config: Config, env: Environment): DoctorFinding[] {
  const has = (name: string): boolean => (env[name] ?? '').trim() !== '';
  const findings = neededSecrets(config, has).map(({ name, by, must, hint }): DoctorFinding => {
    const problem = has(name) ? secretProblem(name, env[name] ?? '') : 'not set';
    if (problem === undefined) return ok('secrets', name, `set, used by ${by}`);
    const detail = `${problem}; ${by} needs it`;
    return must || has(name)
      ? fault('secrets', name, { code: 'config_invalid', detail, hint })
      : warning('secrets', name, { detail, hint });
  });
  if (config.watch.key === 'off')
    findings.push(
      warning('secrets', 'watch.key', {
        detail: 'watch.key is off: a watch without LIFEBOAT_KEY accepts planted backups in silence',
        hint: 'Remove watch.key from lifeboat.yaml when the watch has LIFEBOAT_KEY.',
      }),
    );
  const channels = channelNames(config.notify);
  if (channels.length > 0)
    return [
      ...findings,
      ok('secrets', 'notify', `scheduled runs send failures to ${formatList(ENGLISH, channels)}`),
    ];
  return [
    ...findings,
    warning('secrets', 'notify', {
      detail: 'no channel is configured, so failures are not reported to anyone',
      hint: 'Add a channel under `notify` in lifeboat.yaml, then run `lifeboat notify-test`.',
    }),
  ];
}

function secretProblem(name: string, value: string): string | undefined {
  const text = value.trim();
  if (name === 'LIFEBOAT_SSH_KEY')
    return text.startsWith('-----BEGIN ') ? undefined : 'does not start like a private key';
  if (name === 'LIFEBOAT_KEY') return undefined;
  return /^[\x21-\x7e]+$/.test(text) ? undefined : 'contains a space or another invalid character';
}
