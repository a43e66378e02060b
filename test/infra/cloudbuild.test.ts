import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { configurationOf, root } from './support/project.ts';

type Step = {
  id: string;
  name: string;
  entrypoint: string;
  args: string[];
  secretEnv?: unknown;
  env?: unknown;
  waitFor?: unknown;
};
type Build = {
  steps: Step[];
  substitutions: Record<string, string>;
  serviceAccount: string;
  options: Record<string, unknown>;
  timeout: string;
};

const text = readFileSync(join(root, 'cloudbuild.yaml'), 'utf8');
const build = parse(text) as Build;
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const commands = (id: string): string =>
  build.steps.find((step) => step.id === id)?.args.join(' ') ?? '';
/** The `${_NAME}` substitutions in use; the platform provides the others. */
const used = [
  ...new Set([...text.matchAll(/\$\{?(_[A-Z_]+)/g)].map(([, name = '']) => name)),
].sort();

describe('cloudbuild.yaml', () => {
  test('installs, tests, packages, plans and applies, each step after the one before', () => {
    expect(build.steps.map(({ id }) => id)).toEqual([
      'install',
      'unit',
      'e2e',
      'package',
      'plan',
      'apply',
    ]);
    expect(build.steps.filter(({ waitFor }) => waitFor !== undefined)).toEqual([]);
  });

  test('calls only existing npm scripts and test projects', () => {
    const called = build.steps
      .filter(({ entrypoint, args }) => entrypoint === 'npm' && args[0] === 'run')
      .map(({ args }) => args[1] ?? '');
    expect(called).toEqual(['package']);
    expect(called.filter((name) => !(name in scripts))).toEqual([]);
    const projects = [
      ...readFileSync(join(root, 'vitest.config.ts'), 'utf8').matchAll(/name: '(\w+)'/g),
    ].map(([, name]) => name);
    expect(projects).toContain(/--project (\w+)/.exec(commands('e2e'))?.[1]);
  });

  test('runs no lint, so that a lifeboat.yaml of any style can be deployed', () => {
    const commandLines = build.steps.flatMap(({ args }) => args).join('\n');
    expect(commandLines).not.toMatch(/\bcheck\b|oxfmt|lint|knip/);
    expect(scripts['check']).toMatch(/types.*lint.*oxfmt --check.*knip.*npm test/);
  });

  test('`npm run check` ignores lifeboat.yaml, too', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lifeboat-format-'));
    try {
      copyFileSync(join(root, '.oxfmtrc.json'), join(folder, '.oxfmtrc.json'));
      writeFileSync(join(folder, 'other.json'), '{}\n');
      for (const name of ['lifeboat.yaml', 'lifeboat-staging.yaml'])
        writeFileSync(join(folder, name), 'databases:   { a:   { source:  "./a.db" }}\n\n\n');
      const oxfmt = join(root, 'node_modules', '.bin', 'oxfmt');
      expect(spawnSync(oxfmt, ['--check'], { cwd: folder, encoding: 'utf8' })).toMatchObject({
        status: 0,
      });
      writeFileSync(join(folder, 'other.yaml'), 'databases:   { a:   1 }\n');
      expect(spawnSync(oxfmt, ['--check'], { cwd: folder }).status).not.toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('names its service account and, as that requires, the place of its log', () => {
    expect(build.serviceAccount).toBe('projects/${PROJECT_ID}/serviceAccounts/${_SERVICE_ACCOUNT}');
    expect(build.options['logging']).toBe('CLOUD_LOGGING_ONLY');
  });

  test('has a timeout', () => {
    expect(build.timeout).toBe('3600s');
  });

  test('reads no secret and prints no environment', () => {
    expect(Object.keys(build)).not.toContain('availableSecrets');
    expect(
      build.steps.filter(({ secretEnv, env }) => secretEnv !== undefined || env !== undefined),
    ).toEqual([]);
    expect(text).not.toMatch(/set -\w*x|printenv|\benv\b|secrets versions access|TF_LOG/);
  });

  test('applies exactly the plan of the earlier step', () => {
    const plan = /-out=(\S+)/.exec(commands('plan'))?.[1] ?? '';
    expect(plan).toMatch(/^\/workspace\//);
    expect(commands('apply')).toContain(`apply -input=false ${plan}`);
    expect(commands('apply')).not.toContain('-auto-approve');
  });

  test('uses only the providers of the committed lock file', () => {
    expect(commands('plan')).toContain('-lockfile=readonly');
  });

  test('stops at the first command that fails', () => {
    expect(
      build.steps.filter(({ entrypoint, args }) => entrypoint === 'sh' && args[0] !== '-euc'),
    ).toEqual([]);
  });

  test('packages the configuration that Terraform compares with', async () => {
    const variables = {
      repository: 'projects/p/locations/l/connections/c/repositories/r',
      terraform_service_account: 'x@p.iam.gserviceaccount.com',
      terraform_state_bucket: 'b',
    };
    const substitutionsOf = async (more = {}) => {
      const choice = { variables: { ...variables, ...more } };
      const [trigger] = (await configurationOf(choice)).instances('google_cloudbuild_trigger');
      return { ...(trigger?.body['substitutions'] as object) };
    };
    expect(commands('package')).toBe('run package -- --config ${_CONFIG}');
    expect(await substitutionsOf()).toMatchObject({ _CONFIG: build.substitutions['_CONFIG'] });
    expect(await substitutionsOf({ config: '../staging/lifeboat.yaml' })).toMatchObject({
      _CONFIG: 'staging/lifeboat.yaml',
    });
  });

  test('uses every declared substitution, and the trigger sets those without a default', async () => {
    expect(Object.keys(build.substitutions).filter((name) => !used.includes(name))).toEqual([]);
    const [trigger] = (
      await configurationOf({
        variables: {
          repository: 'projects/p/locations/l/connections/c/repositories/r',
          terraform_service_account: 'x@p.iam.gserviceaccount.com',
          terraform_state_bucket: 'b',
        },
      })
    ).instances('google_cloudbuild_trigger');
    const given = Object.keys(trigger?.body['substitutions'] ?? {});
    expect(given.filter((name) => !used.includes(name))).toEqual([]);
    expect(used.filter((name) => !(name in build.substitutions) && !given.includes(name))).toEqual(
      [],
    );
  });

  test('runs the Terraform version that the files require', () => {
    const version = /terraform:(\d+)\.(\d+)/.exec(text);
    const least = /required_version = ">= (\d+)\.(\d+)"/.exec(
      readFileSync(join(root, 'infra', 'main.tf'), 'utf8'),
    );
    expect(Number(version?.[1])).toBe(Number(least?.[1]));
    expect(Number(version?.[2])).toBeGreaterThanOrEqual(Number(least?.[2]));
  });
});
