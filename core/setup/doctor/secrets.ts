import { parseKeys, type Keys } from '../../format/keys.ts';
import type { Config } from '../../config/load.ts';
import { fault, faultOf, ok, warning, type Finding } from './finding.ts';
import { neededSecrets } from '../../config/secrets.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The keys of the environment, or what is wrong with them. */
export function readKeys(env: Environment): { keys: Keys; findings: Finding[] } {
  try {
    return { keys: parseKeys(env['LIFEBOAT_IDENTITY'], env['LIFEBOAT_KEY']), findings: [] };
  } catch (error) {
    return { keys: { identities: [], olderKeys: [] }, findings: [faultOf('secrets', '', error)] };
  }
}

/** Whether the secrets that the configuration needs are there, and look like what they are. Their values are not in the findings. */
export function checkSecrets(config: Config, env: Environment): Finding[] {
  const has = (name: string): boolean => (env[name] ?? '').trim() !== '';
  const findings = neededSecrets(config, has).map(({ name, by, must, hint }): Finding => {
    const why = has(name) ? odd(name, env[name] ?? '') : 'is not set';
    if (why === undefined) return ok('secrets', name, `is set, for ${by}`);
    const detail = `${why}; ${by} needs it`;
    return must || has(name)
      ? fault('secrets', name, 'config_invalid', detail, hint)
      : warning('secrets', name, detail, hint);
  });
  const { email, slack, telegram, webhook } = config.notify;
  if (email || slack || telegram || webhook) return findings;
  const hint =
    'Name a channel under notify in lifeboat.yaml, and try it with `lifeboat notify-test`.';
  return [
    ...findings,
    warning('secrets', 'notify', 'nobody is told of a failure: no channel is configured', hint),
  ];
}

function odd(name: string, value: string): string | undefined {
  const text = value.trim();
  if (name === 'LIFEBOAT_SSH_KEY')
    return text.startsWith('-----BEGIN ') ? undefined : 'does not begin as a private key does';
  if (name === 'LIFEBOAT_KEY') return undefined;
  return /^[\x21-\x7e]+$/.test(text)
    ? undefined
    : 'has a space or a character that does not belong into it';
}
