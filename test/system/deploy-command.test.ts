import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const temporary = mkdtempSync(join(tmpdir(), 'lifeboat-deploy-'));
afterAll(() => rmSync(temporary, { recursive: true }));

const IDENTITY = 'AGE-SECRET-KEY-1STANDIN';
const KEY = 'the-key-of-the-stand-in';
const TOKEN = 'token-for-sendgrid';
const YAML = 'store: gs://acme-backups\n';

// One program in the place of gcloud, terraform, npm, sleep and the helper in TypeScript. It records each call, fails at call FAIL_AT, before or after
// the call took effect, and keeps what exists in $WORLD.
const STAND_IN = `#!/bin/sh
name=$\{0##*/}
case $1 in scripts/deploy/main.ts) name=helper; shift ;; esac
printf '%s %s\\n' "$name" "$*" >>"$WORLD/calls"
read -r call <"$WORLD/count"
call=$((call + 1))
echo "$call" >"$WORLD/count"
broken() { echo "stand-in: call $call broke: $\{BREAK_TEXT:-a network error}" >&2; exit 1; }
if [ "$call" -eq "$\{FAIL_AT:-0}" ] && [ "$WHEN" = before ]; then broken; fi
missing() { echo "ERROR: NOT_FOUND: $1 not found: 404." >&2; exit 1; }
act() {
  case "$name $*" in
    'terraform version') echo "Terraform v$\{TERRAFORM:-1.11.4}" ;;
    'terraform -chdir=infra state list'*) [ -s "$WORLD/state" ] && cat "$WORLD/state" || { echo 'No state file was found!' >&2; exit 1; } ;;
    'terraform -chdir=infra import'*) for address in "$@"; do case $address in module.*) echo "$address" >>"$WORLD/state" ;; esac; done ;;
    'terraform -chdir=infra state rm'*) for address in "$@"; do :; done; grep -Fxv "$address" "$WORLD/state" >"$WORLD/rest"; mv "$WORLD/rest" "$WORLD/state" ;;
    'terraform -chdir=infra state show'*) for address in "$@"; do :; done; secret=$\{address#*\\"}; echo "    secret_data_wo_version = $(cat "$WORLD/number-$\{secret%\\"*}")" ;;
    'terraform -chdir=infra destroy'*) grep -Eq 'google_storage_bucket|secret.this..LIFEBOAT_(KEY|IDENTITY)' "$WORLD/state" && { echo 'prevent_destroy' >&2; exit 1; }; destroy ;;
    'terraform -chdir=infra apply'*) apply ;;
    'terraform -chdir=infra output'*) echo https://example.run.app ;;
    'gcloud auth list'*) printf %s "$\{ACCOUNT-ops@example.com}" ;;
    'gcloud auth print-access-token'*) echo token ;;
    'gcloud billing projects describe'*) echo "$\{BILLING-True}" ;;
    'gcloud beta quotas info describe'*) echo '{}' ;;
    'gcloud resource-manager org-policies describe gcp.resourceLocations'*) echo "$\{LOCATIONS-}" ;;
    'gcloud resource-manager'*) ;;
    'gcloud storage buckets describe gs://acme-prod-terraform'*) [ -f "$WORLD/terraform-bucket" ] || missing bucket ;;
    'gcloud storage buckets create'*) [ ! -f "$WORLD/terraform-bucket" ] || exit 1; : >"$WORLD/terraform-bucket" ;;
    'gcloud storage buckets update'*) echo versioning >"$WORLD/terraform-bucket" ;;
    'gcloud storage buckets describe gs://acme-backups'*) [ -f "$WORLD/backups" ] && cat "$WORLD/backups" || missing bucket ;;
    'gcloud storage buckets describe gs://acme-copies'*) [ -f "$WORLD/copies" ] && cat "$WORLD/copies" || missing bucket ;;
    'gcloud secrets versions access'*) cat "$WORLD/secret-$6" ;;
    'gcloud secrets describe'*) [ -f "$WORLD/secret-$3" ] || missing secret ;;
    'gcloud secrets versions list'*) [ -f "$WORLD/secret-$4" ] && echo 1 || missing secret ;;
    'gcloud logging read'*) printf '%s\\t%s\\n' "$\{OUTCOME:-True}" 'a message of the run' ;;
    'helper facts'*) encrypted=no; ! grep -q age1 "$2" || encrypted=yes; printf '%s\\n' acme-backups shop $encrypted "LIFEBOAT_KEY SENDGRID_API_KEY$([ $encrypted = no ] || echo ' LIFEBOAT_IDENTITY')" "$(sed -n 's/^copies: gs:..//p' "$2")" "$\{CHECKS-watch restore-test}" ;;
    'helper identity'*) echo ${IDENTITY} ;;
    'helper key'*) echo ${KEY} ;;
    'helper encrypt'*) echo '# age1standin' >>"$2" ;;
    'helper values'*) for file in "$2"/*; do [ ! -f "$file" ] || printf '%s=%s;' "$\{file##*/}" "$(cat "$file")"; done ;;
    'helper quota'*) [ -z "$\{QUOTA:-}" ] || echo "$QUOTA" ;;
  esac
}
manage() { grep -Fxq "module.lifeboat.$1" "$WORLD/state" 2>/dev/null || echo "module.lifeboat.$1" >>"$WORLD/state"; }
# Creates what is not there yet, refuses to destroy a copy, and stores the value of each number that the state does not have.
apply() {
  [ -f "$WORLD/terraform-bucket" ] || { echo 'no state' >&2; exit 1; }
  yaml=infra/$(sed -n 's/^config = "\\(.*\\)"/\\1/p' infra/lifeboat.tfvars)
  copy=$(sed -n 's/^copies: gs:..//p' "$yaml")
  ! grep -q '^foreign_copies' infra/lifeboat.tfvars || copy=
  for bucket in backups $\{copy:+copies}; do
    grep -q "bucket.$(echo $bucket | sed 's/ies/y/')" "$WORLD/state" 2>/dev/null || { [ ! -f "$WORLD/$bucket" ] || { echo 'Error 409: the bucket exists' >&2; exit 1; }; }
    echo lifeboat >"$WORLD/$bucket"
  done
  [ -n "$copy" ] || ! grep -q bucket.copy "$WORLD/state" 2>/dev/null || { echo 'prevent_destroy' >&2; exit 1; }
  manage google_storage_bucket.backups
  [ -z "$copy" ] || manage "google_storage_bucket.copy[\\"$copy\\"]"
  for pair in identity:LIFEBOAT_IDENTITY key:LIFEBOAT_KEY sendgrid-api-key:SENDGRID_API_KEY; do
    secret=$\{pair#*:} value=$(printf %s "$TF_VAR_secret_values" | tr ';' '\\n' | sed -n "s/^$\{pair#*:}=//p")
    [ $secret = SENDGRID_API_KEY ] || grep -Fxq "module.lifeboat.google_secret_manager_secret.this[\\"$secret\\"]" "$WORLD/state" || [ ! -f "$WORLD/secret-lifeboat-$\{pair%%:*}" ] || { echo 'Error 409: the secret exists' >&2; exit 1; }
    [ $secret = LIFEBOAT_IDENTITY ] && ! grep -q age1 "$yaml" || manage "google_secret_manager_secret.this[\\"$secret\\"]"
    number=$(sed -n "s/^secret_versions .*$secret = \\([0-9]*\\).*/\\1/p" infra/lifeboat.tfvars) version="google_secret_manager_secret_version.this[\\"$secret\\"]"
    [ -n "$number" ] || continue
    if grep -Fxq "module.lifeboat.$version" "$WORLD/state" && [ "$(cat "$WORLD/number-$secret")" = "$number" ]; then continue; fi
    [ -n "$value" ] || { echo 'Error 400: Secret Payload cannot be empty.' >&2; exit 1; }
    echo "$value" >"$WORLD/secret-lifeboat-$\{pair%%:*}"
    echo "$number" >"$WORLD/number-$secret"
    manage "$version"
  done
}
# The versions of secrets are abandoned; a secret that is still in the state goes with its versions.
destroy() {
  rm -f "$WORLD"/number-* "$WORLD/secret-lifeboat-sendgrid-api-key"
  : >"$WORLD/state"
}
act "$@"
status=$?
if [ "$call" -eq "$\{FAIL_AT:-0}" ] && [ "$WHEN" = after ]; then broken; fi
exit $status
`;

// Runs a command on a pseudo-terminal and confirms that there is a copy of the identity.
const TERMINAL = `
import os, pty, sys
pid, fd = pty.fork()
if pid == 0: os.execv(sys.argv[1], sys.argv[1:])
said, confirmed = b'', False
try:
    while True:
        part = os.read(fd, 4096)
        if not part: break
        said += part
        if not confirmed and b'Press Enter' in said:
            confirmed = True
            os.write(fd, b'\\n')
except OSError: pass
sys.stdout.buffer.write(said)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

let count = 0;
type Machine = { readonly folder: string; readonly world: string };

/** A copy of what infra/deploy needs, with stand-ins, and a Google Cloud in which nothing exists. */
function machine(): Machine {
  const folder = join(temporary, `${(count += 1)}`);
  const world = join(folder, 'world');
  for (const each of ['infra', 'bin', 'world', 'node_modules/.bin'])
    mkdirSync(join(folder, each), { recursive: true });
  copyFileSync(join(root, 'infra', 'deploy'), join(folder, 'infra', 'deploy'));
  const stand = ['bin/gcloud', 'bin/terraform', 'bin/npm', 'bin/sleep', 'node_modules/.bin/node'];
  for (const name of stand) {
    writeFileSync(join(folder, name), STAND_IN);
    chmodSync(join(folder, name), 0o755);
  }
  writeFileSync(join(folder, 'lifeboat.yaml'), YAML);
  writeFileSync(join(folder, 'identity.txt'), `${IDENTITY}\n`);
  return { folder, world };
}

function deploy(
  { folder, world }: Machine,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = ['--identity-file', 'identity.txt'],
  terminal = false,
) {
  writeFileSync(join(world, 'calls'), '');
  writeFileSync(join(world, 'count'), '0\n');
  const flags = ['--project', 'acme-prod', '--region', 'us-central1', '--email', 'ops@example.com'];
  const [program = '', ...before] = terminal
    ? ['python3', '-c', TERMINAL, join(folder, 'infra', 'deploy')]
    : [join(folder, 'infra', 'deploy')];
  const { status, stdout, stderr } = spawnSync(program, [...before, ...args, ...flags], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
      HOME: folder,
      WORLD: world,
      WHEN: 'before',
      SENDGRID_API_KEY: TOKEN,
      ...env,
    },
  });
  const calls = readFileSync(join(world, 'calls'), 'utf8').trim().split('\n');
  return { status, stdout, stderr, calls };
}

/** What exists in Google Cloud and on the machine, apart from the log of the calls. */
function existing({ folder, world }: Machine): Record<string, string> {
  const files = readdirSync(world)
    .filter((name) => !['calls', 'count'].includes(name))
    .map((name) => [name, readFileSync(join(world, name), 'utf8')] as const);
  return {
    ...Object.fromEntries(files),
    yaml: readFileSync(join(folder, 'lifeboat.yaml'), 'utf8'),
    variables: readFileSync(join(folder, 'infra', 'lifeboat.tfvars'), 'utf8'),
  };
}

/** Every file of a machine, apart from the log of the calls and the folder that it is in. */
function everything({ folder, world }: Machine): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => ![join(world, 'calls'), join(world, 'count')].includes(path))
    .map((path) => `${path.slice(folder.length)}\n${readFileSync(path, 'utf8')}`);
  return files.sort().join('\n').replaceAll(folder, '');
}

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
    expect(deploy(same, {}, [], true).status).toBe(0);
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
  const OPTIONAL = /quotas info|org-policies|helper quota/;
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
    ['Cannot find metric that matches type', 4, ['600', '600', '600']],
    ['There were concurrent policy changes', 4, ['60', '60', '60']],
    ['Max instances must be set to 5 or fewer', 1, []],
    ['violates constraint constraints/gcp.resourceLocations', 1, []],
  ])('retries an apply that ends with %s where that helps', (text, applies, pauses) => {
    const broken = machine();
    const terraform = join(broken.folder, 'bin', 'terraform');
    writeFileSync(
      terraform,
      STAND_IN.replace(
        'act "$@"',
        `case "$*" in *apply*) echo '${text}' >&2; exit 1 ;; esac\nact "$@"`,
      ),
    );
    const run = deploy(broken);
    expect(run.status).toBe(1);
    expect(run.calls.filter((call) => / apply /.test(call))).toHaveLength(applies);
    expect(run.calls.flatMap((call) => /^sleep (\d+)$/.exec(call)?.[1] ?? [])).toEqual(pauses);
  });

  test.each([
    ['an old Terraform', { TERRAFORM: '1.5.7' }, 'Terraform 1.5.7 is too old'],
    ['no login', { ACCOUNT: '' }, 'gcloud is not logged in'],
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
    const { status, stdout } = deploy(fresh, {}, [], true);
    expect([status, stdout.split(IDENTITY).length]).toEqual([0, 2]);
    expect(existing(fresh)['secret-lifeboat-identity']).toBe(`${IDENTITY}\n`);
    expect(existing(fresh)['yaml']).toBe(`${YAML}# age1standin\n`);
    expect(deploy(fresh, {}, [], true).stdout).not.toContain(IDENTITY);
  });

  test('makes no identity that nobody sees', () => {
    expect(deploy(machine(), {}, []).stderr).toContain('there is no terminal');
  });
});
