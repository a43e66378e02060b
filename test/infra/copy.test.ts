import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Configuration } from '../hcl/configuration.ts';
import { formatFaults } from '../hcl/format.ts';
import { permissionsIn } from '../hcl/permissions.ts';
import { readBlocks, readSources } from '../hcl/read.ts';
import { referenceFaults, unusedVariables } from '../hcl/references.ts';
import { schemaFaults, type Schema } from '../hcl/schema.ts';
import type { Value } from '../hcl/values.ts';
import { configurationOf, infra } from './support/project.ts';
import { first, rows } from './support/rows.ts';

const files = readSources(join(infra, 'copy'));
const blocks = await readBlocks(files);
const { $comment: _, ...schema } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'provider-schema.json'), 'utf8'),
) as { $comment: string } & Schema;
const email = (name: string): string => `lifeboat-${name}@acme-prod.iam.gserviceaccount.com`;
const FUNCTIONS = ['backup', 'backup-now', 'restore-test', 'watch'];

/** infra/copy with these inputs; by default a copy in acme-copies/eu. */
function copyOf(variables: Readonly<Record<string, Value>> = {}): Configuration {
  const defaults = blocks
    .filter(({ kind }) => kind === 'variable')
    .map(({ labels: [name = ''], body }) => [name, body['default'] ?? null] as const);
  return new Configuration(
    blocks,
    {
      ...(Object.fromEntries(defaults) as Record<string, Value>),
      project: 'acme-vault',
      copy: 'gs://acme-copies/eu',
      location: 'europe-west1',
      identities: Object.fromEntries(FUNCTIONS.map((name) => [name, email(name)])),
      ...variables,
    },
    () => '',
  );
}

describe('a copy in another project', () => {
  test('has only what the provider accepts, described and formatted', () => {
    expect(schemaFaults(blocks, schema)).toEqual([]);
    expect(referenceFaults(blocks, schema)).toEqual([]);
    expect(unusedVariables(blocks)).toEqual([]);
    expect(Object.entries(files).flatMap(([file, text]) => formatFaults(file, text))).toEqual([]);
    expect(
      blocks.filter(({ kind, body }) => kind === 'variable' && body['description'] === undefined),
    ).toEqual([]);
  });

  test('retains every backup for the daily retention, locked on request', () => {
    const [bucket] = copyOf().instances('google_storage_bucket');
    expect(bucket?.body).toMatchObject({ name: 'acme-copies', project: 'acme-vault' });
    expect(first(bucket?.body['retention_policy'])).toEqual({
      retention_period: 14 * 86_400,
      is_locked: false,
    });
    const [locked] = copyOf({ locked: true }).instances('google_storage_bucket');
    expect(first(locked?.body['retention_policy'])['is_locked']).toBe(true);
    expect(
      rows(bucket?.body['lifecycle_rule']).map(
        ({ condition }) => first(condition)['matches_prefix'],
      ),
    ).toEqual([['eu/databases/'], ['eu/runs/'], ['eu/reports/']]);
  });

  test('grants the functions what a copy in their own project grants them, and no right to delete', async () => {
    const lines = (configuration: Configuration): string[] =>
      permissionsIn(configuration)
        .map(({ identity, permission, on }) => `${identity} ${permission} ${on}`)
        .sort();
    const foreign = lines(copyOf())
      .map((line) =>
        line
          .replace(/^serviceAccount:lifeboat-([\w-]+)@\S+/, '$1')
          .replace('gs://copy/', 'gs://acme-copies/'),
      )
      .sort();
    const own = lines(await configurationOf()).filter((line) => line.includes('gs://acme-copies'));
    expect(foreign).toEqual(own);
    expect(foreign.length).toBeGreaterThan(10);
    expect(foreign.filter((line) => /delete|\*\.|admin/i.test(line))).toEqual([]);
  });
});
