import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatFaults } from '../hcl/format.ts';
import { readBlocks, stringsIn } from '../hcl/read.ts';
import { referenceFaults, unusedVariables } from '../hcl/references.ts';
import { textOf } from '../hcl/values.ts';
import { attributesSeen, schemaFaults, type Schema } from '../hcl/schema.ts';
import { configurationOf, infra, rootSources, sources } from './support/project.ts';

const { $comment: _, ...schema } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'provider-schema.json'), 'utf8'),
) as {
  $comment: string;
} & Schema;
const files = sources();
const blocks = await readBlocks(files);
const rootFiles = rootSources();
const rootBlocks = await readBlocks(rootFiles);

describe('the Terraform files', () => {
  test('have only resources, blocks, attributes and values that the provider accepts', () => {
    expect(schemaFaults([...blocks, ...rootBlocks], schema)).toEqual([]);
    expect(attributesSeen(blocks)).toBeGreaterThan(300);
  });

  test('have no dangling references', () => {
    expect(referenceFaults(blocks, schema)).toEqual([]);
  });

  test('have no unused variable, and describe each', () => {
    expect(unusedVariables(blocks)).toEqual([]);
    expect(
      blocks.filter(
        ({ kind, body }) =>
          (kind === 'variable' || kind === 'output') && body['description'] === undefined,
      ),
    ).toEqual([]);
  });

  test('are formatted as `terraform fmt` does', () => {
    expect(
      [files, rootFiles]
        .flatMap(Object.entries<string>)
        .flatMap(([file, text]) => formatFaults(file, text)),
    ).toEqual([]);
  });

  test('contain no secret and nothing that would write one to the state', () => {
    const types = blocks.map(({ kind, labels: [type] }) => `${kind} ${type ?? ''}`);
    expect(types.filter((type) => /service_account_key|random_|tls_|data http/.test(type))).toEqual(
      [],
    );
    const versions = blocks.filter(({ labels: [type] }) =>
      /secret_manager_secret_version/.test(type ?? ''),
    );
    expect(versions.map(({ kind, body }) => [kind, Object.keys(body).sort()])).toEqual([
      [
        'resource',
        ['deletion_policy', 'for_each', 'secret', 'secret_data_wo', 'secret_data_wo_version'],
      ],
    ]);
    // Neither would a plan.
    for (const all of [blocks, rootBlocks])
      expect(
        all.find(({ kind, labels: [name] }) => kind === 'variable' && name === 'secret_values')
          ?.body,
      ).toMatchObject({ ephemeral: true, sensitive: true });
    const texts = blocks.flatMap(({ body }) => stringsIn(body).map(({ text }) => text));
    expect(
      texts.filter((text) =>
        /AGE-SECRET-KEY-|SG\.[\w-]{10}|xox[bp]-|hooks\.slack\.com\/services\/|PRIVATE KEY|AIza[\w-]{20}/.test(
          text,
        ),
      ),
    ).toEqual([]);
  });
});

describe('the root', () => {
  const body = (kind: string) =>
    new Map(
      rootBlocks
        .filter((block) => block.kind === kind)
        .map(({ labels: [name = ''], body }) => [name, body]),
    );
  const names = (kind: string): string[] =>
    blocks.filter((block) => block.kind === kind).map(({ labels: [name = ''] }) => name);

  test('passes every input of the module, and leaves the default to it', () => {
    const { source, ...passed } = body('module').get('lifeboat') ?? {};
    expect(source).toBe('./module');
    expect(passed).toEqual(
      Object.fromEntries(names('variable').map((name) => [name, `\${var.${name}}`])),
    );
    const optional = blocks.filter(
      ({ kind, body: { default: value } }) => kind === 'variable' && value !== undefined,
    );
    for (const {
      labels: [name = ''],
      body: input,
    } of optional) {
      expect(body('variable').get(name)?.['default'], name).toBe(null);
      // Otherwise the null of the root would take the place of the default.
      if (input['default'] !== null) expect(input['nullable'], name).toBe(false);
    }
  });

  test('has every output of the module', () => {
    expect([...body('output')].map(([name, { value }]) => [name, value])).toEqual(
      names('output').map((name) => [name, `\${module.lifeboat.${name}}`]),
    );
  });

  test('moves every resource that was in the root before the module existed', () => {
    const moved = rootBlocks.filter(({ kind }) => kind === 'moved').map(({ body: move }) => move);
    expect(moved.length).toBeGreaterThan(40);
    const resources = new Set(
      blocks.filter(({ kind }) => kind === 'resource').map(({ labels }) => labels.join('.')),
    );
    for (const { from, to } of moved) {
      expect(to).toBe(textOf(from ?? '').replace('${', '${module.lifeboat.'));
      expect([...resources]).toContain(textOf(from ?? '').slice(2, -1));
    }
  });
});

describe('infra/README.md', () => {
  const readme = readFileSync(join(infra, 'README.md'), 'utf8');
  const labels = (kind: string) =>
    new Set(blocks.filter((block) => block.kind === kind).map((block) => block.labels[0] ?? ''));
  const found = (text: string, pattern: RegExp): string[] =>
    [...text.matchAll(pattern)].map(([, name = '']) => name);

  test('names only existing variables, outputs, resources and files', () => {
    const variables = labels('variable');
    const example = readFileSync(join(infra, 'lifeboat.tfvars.example'), 'utf8');
    const used = [
      ...found(readme, /-var (\w+)=/g),
      ...found(example, /^(?:# )?(\w+) += /gm),
      ...found(readme, /`(\w+) = /g).filter((name) => name !== 'deletion_protection'),
    ];
    expect(used.length).toBeGreaterThan(8);
    expect(used.filter((name) => !variables.has(name))).toEqual([]);
    expect(
      found(readme, /terraform (?:-chdir=infra )?output (?:-raw )?(\w+)/g).filter(
        (name) => !labels('output').has(name),
      ),
    ).toEqual([]);
    const resources = new Set(
      blocks.filter(({ kind }) => kind === 'resource').map((block) => block.labels.join('.')),
    );
    expect(found(readme, /\b(google_\w+\.\w+)/g).filter((name) => !resources.has(name))).toEqual(
      [],
    );
    expect(
      found(readme, /`([a-z]+\.tf)`/g).filter((name) => !(name in files || name in rootFiles)),
    ).toEqual([]);
  });

  test('lists every file, every alarm and every limit correctly', async () => {
    const unnamed = Object.keys(files).filter(
      (name) =>
        !readme.includes(`\`${name}\``) &&
        !['apis.tf', 'outputs.tf', 'variables.tf', 'versions.tf'].includes(name),
    );
    expect(unnamed).toEqual([]);
    const alarms = (await configurationOf()).instances('google_monitoring_alert_policy');
    const titles = alarms.map(({ body }) =>
      textOf(body['display_name']).replace('Lifeboat (lifeboat): ', ''),
    );
    expect(titles.length).toBe(5);
    // The runbook has the table of the alarms, and the README links it.
    const runbook = readFileSync(join(infra, '../docs/operations.md'), 'utf8');
    expect(titles.filter((title) => !runbook.includes(`\n| ${title} |`))).toEqual([]);
    expect(readme).toContain('../docs/operations.md#alarms-of-google-cloud');
    const limits = [
      ...(files['functions.tf'] ?? '').matchAll(
        /^ {4}([\w-]+) += \{ memory_mib = (\d+), .*timeout = (\d+), max_instances = (\d+)/gm,
      ),
    ];
    expect(limits).toHaveLength(5);
    for (const [, name = '', memory = '', timeout = '', instances = ''] of limits)
      expect(readme).toContain(
        `| ${name} | ${timeout} s | ${Number(memory) / 1024} GiB | ${instances} |`,
      );
  });
});

describe('the checks detect', () => {
  const mutated = (file: string, search: string, by: string): Record<string, string> => {
    const text = files[file] ?? rootFiles[file] ?? '';
    expect(text, `${file} must hold ${search}`).toContain(search);
    return { ...files, [file]: text.replace(search, by) };
  };

  test.each([
    [
      'an attribute that does not exist',
      'triggers.tf',
      'ack_deadline_seconds',
      'ack_deadline',
      'there is no such attribute',
    ],
    [
      'a block that does not exist',
      'triggers.tf',
      'expiration_policy {',
      'expiry_policy {',
      'there is no such attribute',
    ],
    [
      'a missing required attribute',
      'alerts.tf',
      '  combiner              = "OR"\n',
      '',
      'combiner: is required',
    ],
    [
      'a missing required block',
      'storage.tf',
      '    action {\n      type = "Delete"\n    }\n',
      '',
      'action: is required',
    ],
    [
      'a read-only attribute',
      'identities.tf',
      'account_id   = "${var.prefix}-push"',
      'account_id   = "push"\n  unique_id = "1"',
      'is for reading only',
    ],
    [
      'a value outside its enumeration',
      'alerts.tf',
      '"COMPARISON_GT"',
      '"COMPARISON_MORE"',
      'is none of',
    ],
    [
      'text instead of a number',
      'triggers.tf',
      'ack_deadline_seconds = 600',
      'ack_deadline_seconds = "long"',
      'is no number',
    ],
    [
      'a block written as an argument',
      'triggers.tf',
      'oidc_token {',
      'oidc_token = {',
      'must be a block',
    ],
    [
      'an argument written as a block',
      'alerts.tf',
      'labels       = {',
      'labels {',
      'is written as a block',
    ],
    [
      'an unknown dynamic block',
      'functions.tf',
      'dynamic "secret_environment_variables"',
      'dynamic "secrets"',
      'there is no such attribute',
    ],
    [
      'two blocks where one is allowed',
      'triggers.tf',
      '  retry_policy {',
      '  retry_policy {\n    minimum_backoff = "10s"\n  }\n\n  retry_policy {',
      'at most 1',
    ],
    [
      'a resource that the schema does not know',
      'storage.tf',
      'resource "google_storage_bucket" "source"',
      'resource "google_storage_bukkit" "source"',
      'does not have it',
    ],
  ])('%s', async (_title, file, search, by, fault) => {
    expect(schemaFaults(await readBlocks(mutated(file, search, by)), schema).join('\n')).toContain(
      fault,
    );
  });

  test.each([
    [
      'a variable that does not exist',
      'functions.tf',
      'location    = var.region',
      'location    = var.regoin',
      'there is no var.regoin',
    ],
    [
      'a local that does not exist',
      'storage.tf',
      'name          = local.bucket',
      'name          = local.buckets',
      'there is no local.buckets',
    ],
    [
      'a resource of another name',
      'iam.tf',
      'google_service_account.push.name',
      'google_service_account.pusher.name',
      'there is no google_service_account.pusher',
    ],
    [
      'a resource of another type',
      'alerts.tf',
      '[google_pubsub_subscription.dead]',
      '[google_pubsub_snapshot.dead]',
      'there is no google_pubsub_snapshot.dead',
    ],
    [
      'an attribute that no resource has',
      'functions.tf',
      'google_service_account.build.id',
      'google_service_account.build.address',
      'there is no attribute address',
    ],
    [
      'an attribute of a block that no resource has',
      'triggers.tf',
      'service_config[0].uri',
      'service_config[0].url',
      'there is no attribute url',
    ],
    [
      'an attribute of one of many',
      'iam.tf',
      'google_service_account.function[each.value.function].member',
      'google_service_account.function[each.value.function].mail',
      'there is no attribute mail',
    ],
    [
      'a data source that does not exist',
      'apis.tf',
      'data.google_project.this.number',
      'data.google_project.that.number',
      'there is no data.google_project.that',
    ],
    [
      'a function that does not exist',
      'secrets.tf',
      'lower(',
      'lowercase(',
      'there is no function lowercase',
    ],
    [
      'an unbound name',
      'iam.tf',
      'for role, folders in roles',
      'for role, folders in rolls',
      'nothing is named rolls',
    ],
  ])('%s, as a reference', async (_title, file, search, by, fault) => {
    expect(
      referenceFaults(await readBlocks(mutated(file, search, by)), schema).join('\n'),
    ).toContain(fault);
  });

  test('an unused variable', async () => {
    expect(
      unusedVariables(
        await readBlocks({
          ...files,
          'more.tf': 'variable "more" {\n  description = var.project\n}\n',
        }),
      ),
    ).toEqual(['more']);
  });

  test.each([
    [
      'a line that is indented too far',
      'apis.tf',
      '  project_id = var.project',
      '    project_id = var.project',
      'is not in by 2',
    ],
    [
      'a misaligned equal sign',
      'main.tf',
      'project = var.project',
      'project  = var.project',
      'is not in line',
    ],
    [
      'two spaces behind an equal sign',
      'main.tf',
      'project = var.project',
      'project =  var.project',
      'is not in line',
    ],
    ['a space at the end', 'main.tf', 'backend "gcs" {}', 'backend "gcs" {} ', 'ends with a space'],
  ])('%s', (_title, file, search, by, fault) => {
    expect(formatFaults(file, mutated(file, search, by)[file] ?? '').join('\n')).toContain(fault);
  });
});
