import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  copyOf,
  deploy,
  existing,
  IDENTITY,
  machine,
  YAML,
  type Machine,
} from '../support/deploy-machine.ts';

const variablesOf = ({ folder }: Machine) => join(folder, 'infra', 'lifeboat.tfvars');
const yamlOf = ({ folder }: Machine) => join(folder, 'lifeboat.yaml');
const original = machine();
beforeAll(() => {
  const { status, stderr } = deploy(original);
  if (status !== 0) throw new Error(stderr);
});
const deployed = (): Machine => copyOf(original);

describe('a mistake of the person who deploys', () => {
  test('a project or region that does not exist is not remembered', () => {
    const fresh = machine();
    const wrongProject = deploy(fresh, { PROJECT_ID: 'acme-prod' }, [], { project: '123456' });
    expect(wrongProject.stderr).toContain('Use the id: --project acme-prod');
    const wrongRegion = deploy(fresh, {}, [], { region: 'us-centrall1' });
    expect(wrongRegion.stderr).toContain('Cloud Run has no region us-centrall1');
    expect(deploy(fresh, {}, [], { region: 'us' }).stderr).toContain("'us' is not a region");
    expect(existsSync(variablesOf(fresh))).toBe(false);
  });

  test('without a configuration, one is made for a database that a function can reach', () => {
    const fresh = machine();
    rmSync(yamlOf(fresh));
    const encrypted = ['--identity-file', 'identity.txt'];
    expect(deploy(fresh).stderr).toContain('Give it with --source.');
    const local = deploy(fresh, {}, [...encrypted, '--source', '/srv/shop.db']);
    expect(local.stderr).toContain('/srv/shop.db is not an address that a function can reach');
    const source = 'gs://acme-files/shop.db';
    const args = [...encrypted, '--source', source, '--store', 'gs://acme-backups'];
    const { status, calls } = deploy(fresh, {}, args);
    expect([status, existing(fresh)['yaml']]).toEqual([0, `${YAML}# age1standin\n`]);
    expect(calls).toContain(
      `node cli/main.ts init --yes --config lifeboat.yaml --store gs://acme-backups --source ${source}`,
    );
  });

  test('another project does not take over the settings, and so not the bucket, of a deployment', () => {
    const same = deployed();
    const before = existing(same);
    const { status, stderr } = deploy(same, { PROJECT_ID: 'acme-test' }, [], {
      project: 'acme-test',
    });
    expect([status, stderr]).toEqual([1, expect.stringContaining('about the project acme-prod')]);
    expect(existing(same)).toEqual(before);
  });

  test('a bucket that a deployment in another project created is not taken over', () => {
    const fresh = machine();
    writeFileSync(join(fresh.world, 'backups'), 'lifeboat\n');
    writeFileSync(join(fresh.world, 'elsewhere'), '');
    const { stderr, calls } = deploy(fresh);
    expect(stderr).toContain('gs://acme-backups belongs to a deployment in another project');
    expect(calls.filter((call) => / import /.test(call))).toEqual([]);
  });

  test('a bucket of somebody else is not used for the state', () => {
    const fresh = machine();
    writeFileSync(join(fresh.world, 'terraform-bucket'), '');
    writeFileSync(join(fresh.world, 'elsewhere'), '');
    const { stderr, calls } = deploy(fresh);
    expect(stderr).toContain('gs://acme-prod-terraform belongs to another project');
    expect(calls.filter((call) => / init /.test(call))).toEqual([]);
  });

  test('a copy in the bucket of the store is refused before anything changes', () => {
    const fresh = machine();
    writeFileSync(yamlOf(fresh), `${YAML}copies: gs://acme-backups\n`);
    const { stderr, calls } = deploy(fresh);
    expect(stderr).toContain('gs://acme-backups is used twice');
    expect(calls.filter((call) => /^terraform -chdir|^gcloud storage/.test(call))).toEqual([]);
  });

  test('another store in lifeboat.yaml does not abandon the backups in the former one', () => {
    const same = deployed();
    writeFileSync(yamlOf(same), 'store: gs://other-bucket\n# age1standin\n');
    const { status, stderr, calls } = deploy(same, {}, []);
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining('the store was gs://acme-backups, and is now gs://other-bucket'),
    ]);
    expect(calls.filter((call) => / apply /.test(call))).toEqual([]);
  });

  test('a bucket that somebody deleted is not created again, which would make it impossible to restore', () => {
    const same = deployed();
    rmSync(join(same.world, 'backups'));
    const { stderr, calls } = deploy(same, {}, []);
    expect(stderr).toContain('Restore it within seven days');
    expect(calls.filter((call) => / apply /.test(call))).toEqual([]);
  });

  test('another region moves the functions and leaves the backups where they are', () => {
    const same = deployed();
    const { status, stdout } = deploy(same, {}, [], { region: 'europe-west1' });
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining('the backups stay in us-central1'),
    ]);
    expect(existing(same)['variables']).toMatch(
      /region = "europe-west1"[\s\S]*location = "us-central1"/,
    );
  });

  test('a policy that comes later does not replace the stored secrets', () => {
    const same = deployed();
    expect(deploy(same, { LOCATIONS: 'in:us-locations' }, []).status).toBe(0);
    expect(existing(same)['variables']).not.toContain('secret_locations');
    writeFileSync(join(same.world, 'kept-in'), 'us-central1;europe-west1\n');
    expect(deploy(same, {}, []).status).toBe(0);
    expect(existing(same)['variables']).toContain(
      'secret_locations = ["us-central1", "europe-west1"]\n',
    );
  });

  test('a new lifeboat.yaml gets the identity that opens the earlier backups', () => {
    const same = deployed();
    const encrypted = existing(same)['yaml'];
    writeFileSync(yamlOf(same), YAML);
    const { status, stdout } = deploy(same, {}, []);
    expect([status, stdout]).toEqual([0, expect.not.stringContaining(IDENTITY)]);
    expect(existing(same)).toMatchObject({
      'secret-lifeboat-identity': `${IDENTITY}\n`,
      'number-LIFEBOAT_IDENTITY': '1\n',
      yaml: encrypted,
    });
  });

  test('the file that lifeboat keygen writes is an identity file, and its key signs the backups', () => {
    const fresh = machine();
    writeFileSync(
      join(fresh.folder, 'keys.env'),
      `# Keep both away\nLIFEBOAT_IDENTITY=${IDENTITY}\nLIFEBOAT_KEY="a-key-of-my-own"\n`,
    );
    expect(deploy(fresh, {}, ['--identity-file', 'keys.env']).status).toBe(0);
    expect(existing(fresh)).toMatchObject({
      'secret-lifeboat-identity': `${IDENTITY}\n`,
      'secret-lifeboat-key': 'a-key-of-my-own\n',
    });
    expect(existsSync(join(fresh.folder, 'infra', '.deploy-lifeboat', 'given'))).toBe(false);
  });

  test('warns of an identity file that lacks an identity of earlier backups', () => {
    const same = deployed();
    writeFileSync(join(same.folder, 'other.txt'), 'AGE-SECRET-KEY-1OTHER\n');
    const { stdout } = deploy(same, {}, ['--identity-file', 'other.txt']);
    expect(stdout).toContain('the new identities do not include all stored ones');
    writeFileSync(join(same.folder, 'both.txt'), `AGE-SECRET-KEY-1OTHER\n${IDENTITY}\n`);
    const { stdout: both } = deploy(same, {}, ['--identity-file', 'both.txt']);
    expect(both).not.toContain('do not include');
  });

  test('a database that is added later is encrypted as the others are, unless nothing is to be', () => {
    const same = deployed();
    const added = `${readFileSync(yamlOf(same), 'utf8')}# open: wiki\n`;
    writeFileSync(yamlOf(same), added);
    const kept = deploy(same, {}, ['--no-encryption']);
    expect([kept.status, kept.stdout]).toEqual([0, expect.stringContaining('not encrypted: wiki')]);
    expect(existing(same)['yaml']).toBe(added);
    const { status, stdout } = deploy(same);
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining('encrypts for the same recipients from now on: wiki'),
    ]);
    expect(existing(same)['yaml']).not.toContain('# open');
  });
});

describe('two deployments at the same time', () => {
  test('do not run in one folder', () => {
    const fresh = machine();
    const lock = join(fresh.folder, 'infra', '.deploy-lock');
    writeFileSync(lock, `${process.pid}\n`);
    expect(deploy(fresh).stderr).toContain('infra/deploy already runs in this folder');
    expect(existsSync(lock)).toBe(true);
    writeFileSync(lock, `${spawnSync('true').pid}\n`);
    expect(deploy(fresh).status).toBe(0);
    expect(existsSync(lock)).toBe(false);
  });

  test('keep the identity that Secret Manager does not have, and store it next time', () => {
    const fresh = machine();
    const { status, stderr } = deploy(fresh, { RIVAL: 'AGE-SECRET-KEY-1RIVAL' });
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining('LIFEBOAT_IDENTITY was not stored'),
    ]);
    const file = join(fresh.folder, 'infra', '.deploy-lifeboat', 'secrets', 'LIFEBOAT_IDENTITY');
    expect(readFileSync(file, 'utf8')).toBe(`${IDENTITY}\n`);
    expect(deploy(fresh, {}, []).status).toBe(0);
    expect(existing(fresh)['secret-lifeboat-identity']).toBe(`${IDENTITY}\n`);
  });
});

test('a state that could not be saved, because the login expired, is saved by the next run of the same deployment', () => {
  const same = deployed();
  const left = join(same.folder, 'infra', 'errored.tfstate');
  const kept = join(same.folder, 'infra', '.deploy-lifeboat', 'errored.tfstate');
  expect(deploy(same, { APPLY_LEAVES: left }, []).status).toBe(0);
  expect([existsSync(left), existsSync(kept)]).toEqual([false, true]);
  expect(deploy(same, {}, []).status).toBe(0);
  expect([existsSync(join(same.world, 'pushed')), existsSync(kept)]).toEqual([true, false]);
  writeFileSync(left, '{}');
  expect(deploy(same, {}, []).stderr).toContain('does not say of which deployment');
});

test('the variables stay valid when a value takes several lines', () => {
  const fresh = machine();
  const own = 'functions = {\n  backup = { max_instances = 2 }\n}\n';
  writeFileSync(variablesOf(fresh), `quota = {\n  memory_mib = 1\n  cpus       = 1\n}\n${own}`);
  expect(deploy(fresh, { QUOTA: '20000' }).status).toBe(0);
  const { variables = '' } = existing(fresh);
  expect(variables).toContain(own);
  expect(variables.match(/memory_mib/g)).toHaveLength(1);
  expect(variables).toContain('quota = { memory_mib = 20000, cpus = 20000 }\n');
});

test('a copy is foreign only if foreign_copies names it, not because another setting has its name', () => {
  const fresh = machine();
  writeFileSync(yamlOf(fresh), `${YAML}copies: gs://acme-copies\n`);
  writeFileSync(variablesOf(fresh), 'terraform_state_bucket = "acme-copies"\n');
  expect(deploy(fresh).status).toBe(0);
  const { calls } = deploy(fresh, {}, []);
  expect(calls.filter((call) => / state rm /.test(call))).toEqual([]);
});

test.each([
  ['Instance cannot be destroyed', 'would delete a bucket of backups'],
  ['cannot destroy secret without setting deletion_protection=false', 'LIFEBOAT_IDENTITY = true'],
  ['googleapi: Error 409: already exists', 'import it'],
  ['Error 403: written to the file "errored.tfstate"', 'run infra/deploy again'],
])('an apply that ends with "%s" says what to do', (text, advice) => {
  const { status, stderr, calls } = deploy(machine(), { APPLY_SAYS: text });
  expect([status, stderr]).toEqual([1, expect.stringContaining(advice)]);
  expect(calls.filter((call) => / apply /.test(call))).toHaveLength(1);
});
