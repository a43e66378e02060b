import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

const temporary = mkdtempSync(join(tmpdir(), 'lifeboat-deploy-'));
afterAll(() => rmSync(temporary, { recursive: true }));

export const IDENTITY = 'AGE-SECRET-KEY-1STANDIN';
export const KEY = 'the-key-of-the-stand-in';
export const TOKEN = 'token-for-sendgrid';
export const YAML = 'store: gs://acme-backups\n';

// One program in the place of gcloud, terraform, npm, sleep and the helper in TypeScript. It records each call, fails at call FAIL_AT, before or after
// the call took effect, and keeps what exists in $WORLD.
export const STAND_IN = `#!/bin/sh
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
    'terraform -chdir=infra state push'*) : >"$WORLD/pushed" ;;
    'terraform -chdir=infra state show'*google_storage_bucket.backups*) printf '    location = "US-CENTRAL1"\n    name     = "acme-backups"\n' ;;
    'terraform -chdir=infra state show'*) for address in "$@"; do :; done; secret=$\{address#*\\"}; echo "    secret_data_wo_version = $(cat "$WORLD/number-$\{secret%\\"*}")" ;;
    'terraform -chdir=infra destroy'*) grep -Eq 'google_storage_bucket|secret.this..LIFEBOAT_(KEY|IDENTITY)' "$WORLD/state" && { echo 'prevent_destroy' >&2; exit 1; }; destroy ;;
    'terraform -chdir=infra apply'*) apply ;;
    'terraform -chdir=infra output'*) echo https://example.run.app ;;
    'gcloud auth list'*) printf %s "$\{ACCOUNT-ops@example.com}" ;;
    'gcloud auth print-access-token'*) echo token ;;
    'gcloud config get-value core/universe_domain') echo "\${UNIVERSE-googleapis.com}" ;;
    'gcloud projects describe'*) echo "$\{PROJECT_ID-acme-prod}" ;;
    'gcloud run regions list'*) printf 'us-central1\neurope-west1\n' ;;
    'gcloud billing projects describe'*) echo "$\{BILLING-True}" ;;
    'gcloud beta quotas info describe'*) echo '{}' ;;
    'gcloud resource-manager org-policies describe gcp.resourceLocations'*) echo "$\{LOCATIONS-}" ;;
    'gcloud resource-manager'*) ;;
    'gcloud storage buckets describe gs://acme-prod-terraform'*) [ -f "$WORLD/terraform-bucket" ] || missing bucket ;;
    'gcloud storage buckets create'*) [ ! -f "$WORLD/terraform-bucket" ] || exit 1; : >"$WORLD/terraform-bucket" ;;
    'gcloud storage buckets update'*) echo versioning >"$WORLD/terraform-bucket" ;;
    'gcloud storage buckets list'*) [ -f "$WORLD/elsewhere" ] || echo a-bucket ;;
    'gcloud storage buckets describe gs://acme-backups --format=value(location)') [ -f "$WORLD/backups" ] && echo US-CENTRAL1 || missing bucket ;;
    'gcloud storage buckets describe gs://acme-backups'*) [ -f "$WORLD/backups" ] && cat "$WORLD/backups" || missing bucket ;;
    'gcloud storage buckets describe gs://other-bucket'*) missing bucket ;;
    'gcloud storage buckets describe gs://acme-copies'*) [ -f "$WORLD/copies" ] && cat "$WORLD/copies" || missing bucket ;;
    'gcloud secrets versions access'*) cat "$WORLD/secret-$6" ;;
    'gcloud secrets describe'*userManaged*) [ -f "$WORLD/secret-$3" ] && cat "$WORLD/kept-in" 2>/dev/null || [ -f "$WORLD/secret-$3" ] || missing secret ;;
    'gcloud secrets describe'*) [ -f "$WORLD/secret-$3" ] || missing secret ;;
    'gcloud secrets versions list'*) [ -f "$WORLD/secret-$4" ] && echo 1 || missing secret ;;
    'gcloud logging read'*'value(timestamp)') ;;
    'gcloud logging read'*) printf '%s\\t%s\\n' "$\{OUTCOME:-True}" 'a message of the run' ;;
    'node cli/main.ts init'*) echo "store: $7" >"$5" ;;
    'helper facts'*) encrypted=no; ! grep -q age1 "$2" || encrypted=yes; bucket=$(sed -n 's/^store: gs:..//p' "$2"); printf '%s\\n' "$bucket" shop $encrypted "LIFEBOAT_KEY SENDGRID_API_KEY$([ $encrypted = no ] || echo ' LIFEBOAT_IDENTITY')" "$(sed -n 's/^copies: gs:..//p' "$2")" "$\{CHECKS-watch restore-test}" "$(sed -n 's/^# open: //p' "$2")" ;;
    'helper identity'*) echo ${IDENTITY} ;;
    'helper key'*) echo ${KEY} ;;
    'helper encrypt-others'*) sed 's/^# open:.*/# closed/' "$2" >"$2.new" && mv "$2.new" "$2" ;;
    'helper encrypt'*) echo '# age1standin' >>"$2" ;;
    'helper values'*) for file in "$2"/*; do [ ! -f "$file" ] || printf '%s=%s;' "$\{file##*/}" "$(cat "$file")"; done ;;
    'helper quota'*) [ -z "$\{QUOTA:-}" ] || echo "$QUOTA" ;;
  esac
}
manage() { grep -Fxq "module.lifeboat.$1" "$WORLD/state" 2>/dev/null || echo "module.lifeboat.$1" >>"$WORLD/state"; }
# Creates what is not there yet, refuses to destroy a copy, and stores the value of each number that the state does not have.
apply() {
  [ -z "\${APPLY_LEAVES:-}" ] || echo '{}' >"$APPLY_LEAVES"
  [ -z "\${APPLY_SAYS:-}" ] || { echo "$APPLY_SAYS" >&2; exit 1; }
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
  # Another person deployed at the same moment.
  [ -z "\${RIVAL:-}" ] || echo "$RIVAL" >"$WORLD/secret-lifeboat-identity"
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

export type Machine = { readonly folder: string; readonly world: string };

/** A copy of what infra/deploy needs, with stand-ins, and a Google Cloud in which nothing exists. */
export function machine(): Machine {
  const folder = mkdtempSync(join(temporary, 'machine-'));
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

/** The same machine and the same Google Cloud once more. */
export function copyOf({ folder: original }: Machine): Machine {
  const folder = mkdtempSync(join(temporary, 'machine-'));
  cpSync(original, folder, { recursive: true });
  return { folder, world: join(folder, 'world') };
}

type Settings = { readonly project?: string; readonly region?: string };

/** Runs infra/deploy; on a pseudo-terminal with `terminal`. */
export function deploy(
  { folder, world }: Machine,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = ['--identity-file', 'identity.txt'],
  {
    project = 'acme-prod',
    region = 'us-central1',
    terminal = false,
  }: Settings & { readonly terminal?: boolean } = {},
) {
  writeFileSync(join(world, 'calls'), '');
  writeFileSync(join(world, 'count'), '0\n');
  const flags = ['--project', project, '--region', region, '--email', 'ops@example.com'];
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
export function existing({ folder, world }: Machine): Record<string, string> {
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
export function everything({ folder, world }: Machine): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => ![join(world, 'calls'), join(world, 'count')].includes(path))
    .map((path) => `${path.slice(folder.length)}\n${readFileSync(path, 'utf8')}`);
  return files.sort().join('\n').replaceAll(folder, '');
}
