import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseTemplate, nodesOf } from '../hcl/expression.ts';
import { readBlocks, stringsIn, type Body, type Json } from '../hcl/read.ts';
import { Reference, type Value } from '../hcl/values.ts';
import {
  configurationOf,
  infra,
  SAMPLE,
  sources,
  VARIABLES,
  type Choice,
} from '../infra/support/project.ts';

const installed = spawnSync('terraform', ['version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'lifeboat-terraform-'));
afterAll(() => rmSync(folder, { recursive: true }));
const terraform = (...args: string[]): string =>
  execFileSync('terraform', [`-chdir=${folder}`, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

const bare = (text: Json | undefined): Json =>
  typeof text === 'string' ? text.replace(/^\$\{(.*)\}$/s, '$1') : (text ?? null);
/** Values that are known only after an apply become the text of our own evaluator. */
const stub = (value: Value): Json => {
  if (value instanceof Reference)
    return Object.fromEntries(
      ['id', 'name', 'email', 'member', 'url', 'number'].map((key) => [
        key,
        `${value.path}.${key}`,
      ]),
    );
  if (Array.isArray(value)) return value.map(stub);
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value as Record<string, Value>).map(([key, each]) => [key, stub(each)]),
    );
  return value;
};

const META = new Set(['depends_on', 'lifecycle', 'timeouts', 'dynamic']);
const argumentsOf = (body: Body): Body =>
  Object.fromEntries(
    Object.entries(body).filter(
      ([key, value]) => !META.has(key) && !JSON.stringify(value).includes('"dynamic"'),
    ),
  );

/** The configuration without its resources, which need Google's provider: each local and each for_each becomes an output. */
const program = async (
  choice: Choice,
): Promise<{ json: Body; names: string[]; single: string[]; loops: string[] }> => {
  const blocks = await readBlocks(sources());
  const types = [
    ...new Set(
      blocks.filter(({ kind }) => kind === 'resource').map(({ labels }) => labels[0] ?? ''),
    ),
  ];
  const configuration = await configurationOf(choice);
  const swap = (value: Json): Json => {
    if (typeof value === 'string')
      return value
        .replaceAll('data.google_project.this', 'local.stub_data_google_project.this')
        .replaceAll(new RegExp(`(?<![\\w."/])(${types.join('|')})\\.`, 'g'), 'local.stub_$1.');
    if (Array.isArray(value)) return value.map(swap);
    return value !== null && typeof value === 'object'
      ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, swap(each)]))
      : value;
  };
  const locals = Object.assign(
    {},
    ...blocks.filter(({ kind }) => kind === 'locals').map(({ body }) => swap(body)),
  ) as Body;
  const names = Object.keys(locals);
  for (const type of types) locals[`stub_${type}`] = stub(configuration.resources(type));
  locals['stub_data_google_project'] = { this: { number: 'data.google_project.this.number' } };
  const single = blocks.filter(
    ({ kind, body }) =>
      kind === 'resource' && body['for_each'] === undefined && body['count'] === undefined,
  );
  const loops = blocks.filter(
    ({ kind, body }) => kind === 'resource' && typeof body['for_each'] === 'string',
  );
  return {
    names,
    single: single.map(({ labels }) => labels.join('.')),
    loops: loops.map(({ labels }) => labels.join('.')),
    json: {
      locals,
      variable: Object.fromEntries(
        blocks
          .filter(({ kind }) => kind === 'variable')
          .map(({ labels, body }) => [
            labels[0] ?? '',
            {
              ...body,
              type: bare(body['type']),
              ...(body['validation'] !== undefined && { validation: body['validation'] }),
            },
          ]),
      ),
      output: Object.fromEntries([
        ...names.map((name) => [`local_${name}`, { value: `\${local.${name}}` }]),
        ...single.map(({ labels, body }) => [
          `body_${labels.join('_')}`,
          { value: swap(argumentsOf(body)) },
        ]),
        ...loops.map(({ labels, body }) => [
          `loop_${labels.join('_')}`,
          { value: swap(body['for_each'] ?? null) },
        ]),
      ]) as Body,
    },
  };
};

const plain = (value: Value): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, each: unknown) =>
      each instanceof Reference ? each.path : each,
    ).replaceAll(/"<(.*?[a-z\]])>"/g, '"$1"'),
  );
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
};

/** JSON text is compared by its content, because Terraform orders keys differently. */
const flat = (value: unknown): unknown =>
  sorted(
    typeof value === 'string' && value.startsWith('{') ? (JSON.parse(value) as unknown) : value,
  );

// Debian has no package of Terraform, so these tests do not run everywhere; test/infra checks the same with our own evaluator.
if (!installed)
  console.warn(
    'test/system/terraform.test.ts needs Terraform, which is not installed here: its tests are left out',
  );
const describeTerraform = installed
  ? describe
  : (_title: string, _tests: () => void): void => undefined;

describeTerraform('Terraform itself', () => {
  test('finds nothing to format', () => {
    expect(
      spawnSync('terraform', ['fmt', '-check', '-recursive', infra], { encoding: 'utf8' }),
    ).toMatchObject({ status: 0, stdout: '' });
  });

  const KEY = 'projects/p/locations/l/keyRings/r/cryptoKeys/k';
  const MINIMAL =
    'store: gs://acme-backups\ndatabases:\n  shop:\n    source: https://shop.example.com/database\n';

  test.each<[string, Choice]>([
    ['everything', {}],
    ['the first stage', { variables: { foundation_only: true } }],
    [
      'staging',
      { variables: { prefix: 'lifeboat-staging', store: 'gs://acme-backups-staging/a/b/' } },
    ],
    [
      'other limits',
      {
        variables: {
          functions: {
            backup: { memory_mib: 8192, cpu: '4' },
            'backup-now': { timeout: 1800, min_instances: 1 },
          },
        },
      },
    ],
    ['a private network', { variables: { subnetwork: 'private', nat: true, kms_key: KEY } }],
    [
      'a minimal configuration',
      {
        config: MINIMAL,
        variables: {
          secrets: { LIFEBOAT_KEY: false },
          deployers: [],
          status_viewers: [],
          grant_sources: false,
        },
      },
    ],
    [
      'no restore test',
      {
        config: `${SAMPLE}restoreTest: { schedule: false }\nwatch: { schedule: "*/30 * * * *", timeZone: Asia/Tokyo }\n`,
      },
    ],
    [
      'many databases of one bucket, and secrets in named regions',
      {
        config: [
          'store: gs://acme-backups',
          'databases:',
          ...Array.from(
            { length: 90 },
            (_, at) => `  a${at}: { source: "gs://many/apps/${at}/db.sqlite3" }`,
          ),
          ...Array.from({ length: 5 }, (_, at) => `  b${at}: { source: "gs://few/${at}.db" }`),
          'watch: { schedule: "5 */6 * * *" }',
          '',
        ].join('\n'),
        variables: { secret_locations: ['southamerica-east1', 'us-east1'] },
      },
    ],
    ['no watch', { config: `${SAMPLE}watch: { schedule: false }\n` }],
    ['an empty configuration', { config: 'databases:\nnotify:\n' }],
  ])(
    'agrees with our evaluator on every local and every for_each, with %s',
    async (_title, choice) => {
      const { json, names, single, loops } = await program(choice);
      writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(json));
      writeFileSync(join(folder, 'lifeboat.yaml'), choice.config ?? SAMPLE);
      writeFileSync(
        join(folder, 'terraform.tfvars.json'),
        JSON.stringify({ ...VARIABLES, ...choice.variables, config: 'lifeboat.yaml' }),
      );
      terraform('apply', '-auto-approve', '-input=false', '-no-color');
      const seen = JSON.parse(terraform('output', '-json')) as Record<string, { value: unknown }>;
      const ours = await configurationOf(choice);
      expect(names.length).toBeGreaterThan(30);
      for (const name of names)
        expect
          .soft(sorted(seen[`local_${name}`]?.value ?? null), name)
          .toEqual(sorted(plain(ours.local(name))));
      for (const one of single) {
        const [type = '', own = ''] = one.split('.');
        const body = ours.instances(type).find(({ name }) => name === own)?.body ?? {};
        const args = Object.entries(seen[`body_${type}_${own}`]?.value as object) as [
          string,
          unknown,
        ][];
        expect.soft(args.length, one).toBeGreaterThan(0);
        for (const [key, value] of args)
          expect.soft(flat(value), `${one}.${key}`).toEqual(flat(plain(body[key] ?? null)));
      }
      for (const loop of loops) {
        const [type = '', own = ''] = loop.split('.');
        const keys = ours
          .instances(type)
          .filter(({ name }) => name === own)
          .map(({ key }) => key ?? '');
        const value = seen[`loop_${type}_${own}`]?.value;
        expect
          .soft(Array.isArray(value) ? value : Object.keys(value as object), loop)
          .toEqual(keys.sort());
      }
    },
  );

  test.each<[string, Value, string]>([
    ['project', 'ab', 'The project must be a project id'],
    ['region', 'Sao Paulo', 'The region must be like'],
    ['prefix', 'a-prefix-that-is-too-long', 'The prefix must have 3 to 17'],
    ['prefix', 'Lifeboat', 'The prefix must have 3 to 17'],
    ['functions', { backupp: {} }, 'The functions are backup'],
    ['functions', { backup: { timeout: 541 } }, 'A timeout has at least 60 s'],
    ['functions', { 'backup-now': { timeout: 3601 } }, 'A timeout has at least 60 s'],
    ['functions', { watch: { memory_mib: 511 } }, 'A function has 512 to 32768 MiB'],
    ['nat', true, 'A NAT needs a subnetwork'],
    ['deployers', ['allUsers'], 'A deployer is an IAM member'],
    ['status_viewers', ['allAuthenticatedUsers'], 'A viewer is an IAM member'],
    ['notification_email', 'ops', 'The notification e-mail is not an address'],
    ['delivery_attempts', 101, 'Pub/Sub takes 5 to 100'],
    [
      'repository',
      'projects/p/locations/l/connections/c/repositories/r',
      'A repository needs a terraform_service_account',
    ],
  ])('refuses %s = %o', async (name, value, message) => {
    const { json } = await program({});
    writeFileSync(
      join(folder, 'main.tf.json'),
      JSON.stringify({ variable: json['variable'] ?? null }),
    );
    writeFileSync(
      join(folder, 'terraform.tfvars.json'),
      JSON.stringify({ ...VARIABLES, [name]: value }),
    );
    expect(() => terraform('plan', '-input=false', '-no-color')).toThrow(message);
  });
});

test('the sample contains text with references, so that the comparison above means something', async () => {
  const blocks = await readBlocks(sources());
  const kinds = new Set(
    blocks.flatMap(({ body }) =>
      stringsIn(body).flatMap(({ text }) => nodesOf(parseTemplate(text)).map(({ kind }) => kind)),
    ),
  );
  expect([...kinds].sort()).toEqual(
    expect.arrayContaining([
      'binary',
      'call',
      'conditional',
      'for',
      'index',
      'object',
      'splat',
      'template',
      'tuple',
    ]),
  );
});
