import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  deploy,
  everything,
  existing,
  IDENTITY,
  KEY,
  machine,
  TOKEN,
  YAML,
} from '../support/deploy-machine.ts';

describe('infra/deploy', () => {
  const clean = machine();
  let calls: string[] = [];
  beforeAll(() => {
    ({ calls } = deploy(clean));
  });

  test('deploys an empty project in one apply, with its secrets', () => {
    expect(calls.filter((call) => / apply /.test(call))).toHaveLength(1);
    expect(existing(clean)).toMatchObject({
      'secret-lifeboat-identity': `${IDENTITY}\n`,
      'secret-lifeboat-key': `${KEY}\n`,
      'secret-lifeboat-sendgrid-api-key': `${TOKEN}\n`,
      'terraform-bucket': 'versioning\n',
      yaml: `${YAML}# age1standin\n`,
    });
    expect(existing(clean)['variables']).toContain('project = "acme-prod"\n');
  });

  test('starts the watch, a backup and a restore test, in this order', () => {
    expect(calls.filter((call) => /jobs run/.test(call)).map((call) => call.split(' ')[4])).toEqual(
      ['lifeboat-watch', 'lifeboat-backup-shop', 'lifeboat-restore-test'],
    );
  });

  test('passes no secret in the arguments of a process, prints none and keeps none', () => {
    const again = machine();
    const { stdout, stderr, calls: recorded } = deploy(again);
    for (const secret of [IDENTITY, KEY, TOKEN])
      expect([stdout, stderr, ...recorded].filter((text) => text.includes(secret))).toEqual([]);
    expect(existsSync(join(again.folder, 'infra', '.deploy-lifeboat', 'secrets'))).toBe(false);
    expect(existing(again)['variables']).not.toMatch(/AGE|the-key|token-for/);
  });

  test('upgrades without asking for a secret again', () => {
    const same = machine();
    deploy(same);
    const before = existing(same);
    const { status, stderr } = deploy(same, { SENDGRID_API_KEY: '' }, []);
    expect([status, stderr]).toEqual([0, '']);
    expect(existing(same)).toEqual(before);
  });

  test('destroys all but the backups and their keys, and takes them over again', () => {
    const same = machine();
    deploy(same);
    const refused = deploy(same, {}, ['destroy']);
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('Give --yes')]);
    expect(deploy(same, {}, ['destroy', '--yes']).status).toBe(0);
    expect(existing(same)).toMatchObject({
      state: '',
      backups: 'lifeboat\n',
      'secret-lifeboat-identity': `${IDENTITY}\n`,
      'secret-lifeboat-key': `${KEY}\n`,
    });
    expect(deploy(same, {}, []).status).toBe(0);
    expect(existing(same)['secret-lifeboat-key']).toBe(`${KEY}\n`);
    expect(existing(same)['state']).toContain('google_storage_bucket.backups');
  });

  test('keeps the copies when it destroys, takes them over again, and releases one that is no longer configured', () => {
    const same = machine();
    const yaml = join(same.folder, 'lifeboat.yaml');
    const address = 'module.lifeboat.google_storage_bucket.copy["acme-copies"]\n';
    writeFileSync(yaml, `${YAML}copies: gs://acme-copies\n`);
    expect(deploy(same).status).toBe(0);
    expect(existing(same)['state']).toContain(address);
    expect(deploy(same, {}, ['destroy', '--yes']).status).toBe(0);
    expect(existing(same)).toMatchObject({ state: '', copies: 'lifeboat\n' });
    expect(deploy(same, {}, []).status).toBe(0);
    expect(existing(same)['state']).toContain(address);
    writeFileSync(yaml, `${YAML}# age1standin\n`);
    const { status, stdout } = deploy(same, {}, []);
    expect([status, stdout]).toEqual([0, expect.stringContaining('the copy gs://acme-copies')]);
    expect(existing(same)['state']).not.toContain(address);
    expect(existing(same)).toMatchObject({ copies: 'lifeboat\n' });
  });

  test('leaves a copy in another project alone', () => {
    const same = machine();
    writeFileSync(join(same.folder, 'lifeboat.yaml'), `${YAML}copies: gs://acme-copies\n`);
    writeFileSync(
      join(same.folder, 'infra', 'lifeboat.tfvars'),
      'foreign_copies = ["acme-copies"]\n',
    );
    const { calls: recorded } = deploy(same);
    expect(recorded.filter((call) => call.includes('acme-copies'))).toEqual([]);
  });

  test('stores a changed secret as its next version, and the same one only once', () => {
    const same = machine();
    deploy(same);
    const secret = { SENDGRID_API_KEY: 'the-new-token' };
    for (let run = 0; run < 2; run += 1) {
      expect(deploy(same, secret, []).status).toBe(0);
      expect(existing(same)).toMatchObject({
        'secret-lifeboat-sendgrid-api-key': 'the-new-token\n',
        'number-SENDGRID_API_KEY': '2\n',
        'number-LIFEBOAT_KEY': '1\n',
        'secret-lifeboat-key': `${KEY}\n`,
      });
    }
  });

  test('remembers the configuration and that backups are not encrypted', () => {
    const same = machine();
    const staging = join(same.folder, 'staging.yaml');
    writeFileSync(staging, YAML);
    expect(deploy(same, {}, ['--config', 'staging.yaml', '--no-encryption']).status).toBe(0);
    const before = existing(same);
    expect(before['variables']).toContain('config = "../staging.yaml"\n');
    expect(deploy(same, {}, [], { terminal: true }).status).toBe(0);
    expect(existing(same)).toEqual(before);
    expect(deploy(same).status).toBe(0);
    expect(readFileSync(staging, 'utf8')).toBe(`${YAML}# age1standin\n`);
  });

  test('starts no check that has no schedule', () => {
    const { status, calls: recorded } = deploy(machine(), { CHECKS: '' });
    const jobs = recorded.filter((call) => /jobs run/.test(call));
    expect([status, jobs.map((call) => call.split(' ')[4])]).toEqual([0, ['lifeboat-backup-shop']]);
  });

  // A call whose failure changes nothing that matters: the run goes on and says so.
  const OPTIONAL = /universe_domain|quotas info|regions list|org-policies|helper quota/;
  const EFFECT =
    /terraform .*(init|apply|import|state rm)|buckets (create|update)|helper (encrypt|key)/;

  describe.each(['before', 'after'] as const)('when a call fails %s it took effect', (when) => {
    test('says so, and a second run continues to the same end', () => {
      const wanted = existing(clean);
      expect(calls.length).toBeGreaterThan(40);
      // What a second run does depends on the files alone, so it is tried once for each state.
      const continued = new Set<string>();
      for (const [at, call] of calls.entries()) {
        if (when === 'after' && !EFFECT.test(call)) continue;
        const broken = machine();
        const first = deploy(broken, { FAIL_AT: String(at + 1), WHEN: when });
        if (OPTIONAL.test(call)) {
          expect([call, first.status]).toEqual([call, 0]);
          if (!call.includes('universe_domain'))
            expect(first.stdout, call).toMatch(/^note: .*cannot be read/m);
        } else {
          expect([call, first.status]).toEqual([call, 1]);
          expect(first.stderr + first.stdout, call).toMatch(/^error: [\s\S]*\n\S/m);
        }
        const state = everything(broken);
        if (continued.has(state)) continue;
        continued.add(state);
        const second = deploy(broken);
        expect([call, second.status, second.stderr]).toEqual([call, 0, '']);
        expect([call, existing(broken)]).toEqual([call, wanted]);
      }
    }, 3_600_000);
  });

  test.each([
    ['Error 403: Permission denied', 4, ['60', '60', '60']],
    [
      'Acquiring state lock. This may take a few moments... Error 403: denied',
      4,
      ['60', '60', '60'],
    ],
    ['Error acquiring the state lock: Error 412: conditionNotMet', 1, []],
    ['Error 401: invalid authentication credentials', 4, ['60', '60', '60']],
    ['Cannot find metric that matches type', 4, ['600', '600', '600']],
    ['There were concurrent policy changes', 4, ['60', '60', '60']],
    ['Max instances must be set to 5 or fewer', 1, []],
    ['violates constraint constraints/gcp.resourceLocations', 1, []],
  ])('retries an apply that ends with %s where that helps', (text, applies, pauses) => {
    const run = deploy(machine(), { APPLY_SAYS: text });
    expect(run.status).toBe(1);
    expect(run.calls.filter((call) => / apply /.test(call))).toHaveLength(applies);
    expect(run.calls.flatMap((call) => /^sleep (\d+)$/.exec(call)?.[1] ?? [])).toEqual(pauses);
  });

  test.each([
    ['an old Terraform', { TERRAFORM: '1.5.7' }, 'Terraform 1.5.7 is too old'],
    ['no login', { ACCOUNT: '' }, 'gcloud is not logged in'],
    ['another universe', { UNIVERSE: 'apis.example' }, 'gcloud works with apis.example'],
    ['no billing', { BILLING: 'False' }, 'acme-prod has no billing account'],
    ['a small quota', { QUOTA: '1' }, 'one backup needs 2 CPUs and 4096 MiB'],
    ['a missing secret', { SENDGRID_API_KEY: '' }, 'SENDGRID_API_KEY is not set'],
    [
      'a failed backup',
      { OUTCOME: 'False' },
      'the first backup of shop failed: a message of the run',
    ],
  ])('stops at %s', (_title, env, message) => {
    const { status, stderr } = deploy(machine(), env);
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
  });

  test('does not take a bucket of somebody else', () => {
    const other = machine();
    writeFileSync(join(other.world, 'backups'), 'none\n');
    expect(deploy(other).stderr).toContain(
      'gs://acme-backups exists, and this deployment (lifeboat) did not create it',
    );
  });

  test('keeps the secrets in the region where a policy restricts locations', () => {
    const restricted = machine();
    expect(deploy(restricted, { LOCATIONS: 'in:us-locations' }).status).toBe(0);
    expect(existing(restricted)['variables']).toContain('secret_locations = ["us-central1"]\n');
  });

  test('makes an identity and shows it once, in a terminal', () => {
    const fresh = machine();
    const { status, stdout } = deploy(fresh, {}, [], { terminal: true });
    expect([status, stdout.split(IDENTITY).length]).toEqual([0, 2]);
    expect(existing(fresh)['secret-lifeboat-identity']).toBe(`${IDENTITY}\n`);
    expect(existing(fresh)['yaml']).toBe(`${YAML}# age1standin\n`);
    expect(deploy(fresh, {}, [], { terminal: true }).stdout).not.toContain(IDENTITY);
  });

  test('makes no identity that nobody sees', () => {
    expect(deploy(machine(), {}, []).stderr).toContain('there is no terminal');
  });
});
