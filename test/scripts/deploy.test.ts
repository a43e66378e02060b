import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../../core/config/load.ts';
import { factsOf, terraformMap } from '../../scripts/deploy/facts.ts';
import { withRecipients, writeRecipients } from '../../scripts/deploy/recipients.ts';
import { ambiguousTexts } from '../../scripts/package/ambiguous.ts';
import { quotaIn } from '../../scripts/deploy/quota.ts';
import { folder } from '../support/files.ts';
import { configurationOf, root, SAMPLE } from '../infra/support/project.ts';

const RECIPIENT = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';
const HOST_KEY =
  'ssh: { hostKey: "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }\n    schedule: "0 3 * * *"';
/** The sample of Terraform's tests, complete enough for Lifeboat itself. */
const config = SAMPLE.replace('schedule: "0 3 * * *"', HOST_KEY).replace(
  'age1qqqqqqqqqqqqqqqqqqqqqqqqq',
  RECIPIENT,
);
const parse = (text: string) => parseConfig(text, '/', { inCloud: true });

test('infra/deploy asks for exactly the secrets that Terraform grants the functions', async () => {
  const { secrets } = factsOf(parse(config.replace('  slack:\n', '  slack: {}\n')));
  const terraform = (await configurationOf({ config, variables: { secrets: {} } })).local(
    'secrets',
  );
  expect(secrets).toEqual(terraform);
});

test.each([
  [['job', 'http', 'function'], 'c'],
  [['job', 'http', 'http'], ''],
  [['job', 'job', 'job'], ''],
])('the first backup to wait for is one that ends within minutes: %j', (places, name) => {
  const lines = ['a', 'b', 'c'].map(
    (each, at) =>
      `  ${each}: { source: "https://a.example/${each}", schedule: "0 3 * * *", run: ${places[at]} }\n`,
  );
  const text = `store: gs://acme-backups\ndatabases:\n${lines.join('')}`;
  expect(factsOf(parse(text)).firstDatabase).toBe(name);
});

test('the facts name the bucket and the first database with a schedule', () => {
  const text =
    'store: gs://acme-backups/a\ndatabases:\n  api: { source: "https://a.example/db" }\n';
  expect(factsOf(parse(text))).toEqual({
    bucket: 'acme-backups',
    firstDatabase: '',
    encrypted: false,
    unencrypted: ['api'],
    copies: [],
    checks: ['watch', 'restore-test'],
    secrets: ['LIFEBOAT_KEY'],
  });
  expect(factsOf(parse(config))).toMatchObject({
    firstDatabase: 'shop',
    encrypted: true,
    unencrypted: ['wiki', 'api', 'crm', 'Data_Lake'],
    copies: ['acme-copies'],
  });
  expect(factsOf(parse(`${text}watch: { schedule: false }\n`)).checks).toEqual(['restore-test']);
});

test('every database gets the recipient, and comments stay', () => {
  const text =
    '# mine\nstore: gs://acme-backups\ndatabases:\n  a: # first\n    source: https://a.example/db\n  b: { source: "gs://files/b.db" }\n';
  const changed = withRecipients(text, ['a', 'b'], [RECIPIENT]);
  expect(changed).toContain('# mine\n');
  expect(changed).toContain('# first\n');
  expect(Object.values(parse(changed).databases).map(({ recipients }) => recipients)).toEqual([
    [RECIPIENT],
    [RECIPIENT],
  ]);
});

test('a database whose name is a number gets the recipient, and no second entry', () => {
  const text =
    'store: gs://acme-backups\ndatabases:\n  2024: { source: "gs://acme-files/a.db" }\n  b: { source: "gs://acme-files/b.db" }\n';
  const changed = withRecipients(text, ['2024'], [RECIPIENT]);
  const { databases } = parse(changed);
  expect(Object.values(databases).map(({ name, recipients }) => [name, recipients])).toEqual([
    ['2024', [RECIPIENT]],
    ['b', []],
  ]);
});

test('lifeboat.yaml stays a link, and readable for the same users', async () => {
  const directory = folder();
  const [file, link] = [join(directory, 'real.yaml'), join(directory, 'lifeboat.yaml')];
  writeFileSync(file, 'databases: { a: { source: "gs://acme-files/a.db" } }\n');
  chmodSync(file, 0o644);
  symlinkSync('real.yaml', link);
  await writeRecipients(link, ['a'], [RECIPIENT]);
  expect(readFileSync(file, 'utf8')).toContain(RECIPIENT);
  expect([lstatSync(link).isSymbolicLink(), statSync(file).mode & 0o777]).toEqual([true, 0o644]);
  expect(readdirSync(directory).sort()).toEqual(['lifeboat.yaml', 'real.yaml']);
});

test('words that Terraform reads as truth values or dates are found, unless they are in quotes', () => {
  const text =
    'databases:\n  on: { source: "gs://a/b.db" }\n  "no": { source: "gs://a/c.db" }\n  once: { timeZone: N, x: true, y.z: 1 }\n  2026-01-01: {}\n';
  expect(ambiguousTexts(text)).toEqual([
    { text: 'on', line: 2 },
    { text: 'N', line: 4 },
    { text: '2026-01-01', line: 5 },
  ]);
});

test.each([
  ['CpuAllocPerProjectRegion', '20000', 'us-central1', '20'],
  ['MemAllocPerProjectRegion', '42949672960', 'us-central1', '40960'],
  ['CpuAllocPerProjectRegion', '20000', 'europe-west1', ''],
  ['OtherQuota', '1', 'us-central1', ''],
])('the quota %s of %s in %s is "%s"', (quotaId, value, region, amount) => {
  const info = {
    quotaId,
    dimensionsInfos: [{ applicableLocations: ['us-central1'], details: { value } }],
  };
  expect(quotaIn(JSON.stringify(info), region)).toBe(amount);
});

test('a secret is text to Terraform, whatever is in it', () => {
  expect(terraformMap({ A: 'x${y}%{z}"q\n' })).toBe('{"A":"x$${y}%%{z}\\"q\\n"}');
});

test('the manual way in infra/README.md has every step of infra/deploy', () => {
  const script = readFileSync(join(root, 'infra', 'deploy'), 'utf8');
  const readme = readFileSync(join(root, 'infra', 'README.md'), 'utf8');
  const manual = readme.slice(readme.indexOf('## Deploy by hand'), readme.indexOf('### Organi'));
  const commands = [
    'gcloud billing projects describe',
    'gcloud services enable',
    'npm ci',
    'gcloud beta services identity create',
    'gcloud storage buckets create',
    'gcloud storage buckets update',
    'gcloud scheduler jobs run',
    'gcloud logging read',
  ];
  for (const command of commands) {
    expect(script).toContain(command);
    expect(manual).toContain(command);
  }
  for (const [own, theirs] of [
    ['tf init', 'terraform init'],
    ['tf apply', 'terraform apply'],
    ['npm run --silent package', 'npm run package'],
    ['helper identity', 'lifeboat keygen'],
  ]) {
    expect(script).toContain(own);
    expect(manual).toContain(theirs);
  }
  // Terraform creates the secret of the identity only if a database has a recipient by then.
  const steps = [
    'lifeboat keygen',
    'foundation_only=true',
    'secrets versions add',
    'npm run package',
  ];
  const places = steps.map((step) => manual.indexOf(step));
  expect(places).toEqual(places.toSorted((one, other) => one - other));
  expect(places).not.toContain(-1);
});
