import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const script = read('examples/deploy.sh');
const hub = { text: read('examples/github-actions.yml'), name: 'examples/github-actions.yml' };
const build = {
  text: read('examples/cloudbuild-step.yaml'),
  name: 'examples/cloudbuild-step.yaml',
};

type Step = {
  id?: string;
  name?: string;
  uses?: string;
  with?: Record<string, unknown>;
  run?: string;
  env?: Record<string, string>;
};
// https://github.com/google-github-actions/auth/blob/main/action.yml
const AUTH_INPUTS = [
  'workload_identity_provider',
  'service_account',
  'create_credentials_file',
  'token_format',
  'id_token_audience',
  'id_token_include_email',
];

describe('the example for GitHub Actions', () => {
  const { permissions, jobs } = parse(hub.text) as {
    permissions: Record<string, string>;
    jobs: { deploy: { env: Record<string, string>; steps: Step[] } };
  };
  const { steps, env } = jobs.deploy;
  const auth = steps.find(({ uses }) => uses?.startsWith('google-github-actions/auth@'));

  test('has exactly the permissions that it needs and stores no key', () => {
    expect(permissions).toEqual({ contents: 'read', 'id-token': 'write' });
    expect(hub.text).not.toMatch(/secrets\.|credentials_json/);
    expect(auth?.with).toMatchObject({ create_credentials_file: false, token_format: 'id_token' });
  });

  test('passes only existing inputs to the action and uses only existing names', () => {
    expect(Object.keys(auth?.with ?? {}).filter((name) => !AUTH_INPUTS.includes(name))).toEqual([]);
    for (const [, name = ''] of hub.text.matchAll(/\$\{\{ env\.(\w+) \}\}/g))
      expect(env).toHaveProperty(name);
    for (const [, id, output] of hub.text.matchAll(/\$\{\{ steps\.(\w+)\.outputs\.(\w+) \}\}/g))
      expect([id, output]).toEqual([auth?.id, 'id_token']);
    const call = steps.find((step) => step.run?.includes('deploy.sh'));
    expect([call?.run, Object.keys(call?.env ?? {})]).toEqual([
      'examples/deploy.sh shop "$BACKUP_NOW_URL"',
      ['LIFEBOAT_ID_TOKEN'],
    ]);
    expect(Object.keys(env)).toEqual(['BACKUP_NOW_URL']);
  });

  test('backs up before it deploys', () => {
    const at = (part: string) => steps.findIndex((step) => step.run?.includes(part));
    expect(at('deploy.sh')).toBeLessThan(at('./deploy'));
  });
});

describe('the example for Cloud Build', () => {
  const { steps, substitutions, options } = parse(build.text) as {
    steps: { id: string; entrypoint: string; args: string[] }[];
    substitutions: Record<string, string>;
    options: Record<string, string>;
  };

  test('declares every substitution that it uses, and no other', () => {
    const used = [...build.text.matchAll(/\$\{(_[A-Z_]+)\}/g)].map(([, name = '']) => name);
    expect([...new Set(used)].sort()).toEqual(Object.keys(substitutions).sort());
    // Cloud Build would treat any other $NAME as a substitution and refuse the build.
    expect(steps.flatMap(({ args }) => args).join('\n')).not.toMatch(/\$(?![({])/);
    expect(options['logging']).toBe('CLOUD_LOGGING_ONLY');
  });

  test('stops without a token and without a backup', () => {
    expect(steps.map(({ entrypoint, args }) => [entrypoint, args[0]])).toEqual([['bash', '-euc']]);
    // `export NAME=$(command)` would hide that the command failed.
    expect(build.text).not.toMatch(/export \w+=\$\(/);
  });
});

describe('the examples', () => {
  test('name only outputs and variables of the Terraform files', () => {
    const outputs = [...read('infra/outputs.tf').matchAll(/output "(\w+)"/g)].map(
      ([, name]) => name,
    );
    const named = [hub, build].flatMap(({ text }) =>
      [...text.matchAll(/output -raw (\w+)/g)].map(([, name = '']) => name),
    );
    expect([...new Set(named)].sort()).toEqual(['backup_now_url', 'deploy_service_account']);
    expect(outputs).toEqual(expect.arrayContaining(named));
    expect(read('infra/module/variables.tf')).toContain('variable "deployers"');
    expect(/deployers = \["([^"]+)"\]/.exec(hub.text)?.[1]).toMatch(
      /^principalSet:\/\/iam\.googleapis\.com\//,
    );
  });

  test('have an executable script that does not print its token', () => {
    expect(statSync(join(root, 'examples/deploy.sh')).mode & 0o111).not.toBe(0);
    const [, arguments_ = ''] = script.split('| curl');
    expect(arguments_).not.toContain('token');
    expect(script).not.toMatch(/set -\w*x/);
  });
});
