import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseTemplate, nodesOf } from '../infra/hcl/expression.ts';
import { readBlocks, stringsIn, type Body, type Json } from '../infra/hcl/read.ts';
import { Reference, type Value } from '../infra/hcl/values.ts';
import { configurationOf, infra, SAMPLE, sources, VARIABLES } from '../infra/support/project.ts';

const installed = spawnSync('terraform', ['version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'lifeboat-terraform-'));
afterAll(() => rmSync(folder, { recursive: true }));
const terraform = (...args: string[]): string =>
  execFileSync('terraform', [`-chdir=${folder}`, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

const bare = (text: Json | undefined): Json => (typeof text === 'string' ? text.replace(/^\$\{(.*)\}$/s, '$1') : (text ?? null));
/** What only an apply knows becomes the text that our own evaluator has for it. */
const stub = (value: Value): Json => {
  if (value instanceof Reference)
    return Object.fromEntries(['id', 'name', 'email', 'member', 'url', 'number'].map((key) => [key, `${value.path}.${key}`]));
  if (Array.isArray(value)) return value.map(stub);
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value as Record<string, Value>).map(([key, each]) => [key, stub(each)]));
  return value;
};

const program = async (): Promise<{ json: Body; names: string[]; loops: string[] }> => {
  const blocks = await readBlocks(sources());
  const types = [...new Set(blocks.filter(({ kind }) => kind === 'resource').map(({ labels }) => labels[0] ?? ''))];
  const configuration = await configurationOf();
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
  const locals = Object.assign({}, ...blocks.filter(({ kind }) => kind === 'locals').map(({ body }) => swap(body))) as Body;
  const names = Object.keys(locals);
  for (const type of types) locals[`stub_${type}`] = stub(configuration.resources(type));
  locals['stub_data_google_project'] = { this: { number: 'data.google_project.this.number' } };
  const loops = blocks.filter(({ kind, body }) => kind === 'resource' && typeof body['for_each'] === 'string');
  return {
    names,
    loops: loops.map(({ labels }) => labels.join('.')),
    json: {
      locals,
      variable: Object.fromEntries(
        blocks
          .filter(({ kind }) => kind === 'variable')
          .map(({ labels, body }) => [
            labels[0] ?? '',
            { ...body, type: bare(body['type']), ...(body['validation'] !== undefined && { validation: body['validation'] }) },
          ]),
      ),
      output: Object.fromEntries([
        ...names.map((name) => [`local_${name}`, { value: `\${local.${name}}` }]),
        ...loops.map(({ labels, body }) => [`loop_${labels.join('_')}`, { value: swap(body['for_each'] ?? null) }]),
      ]) as Body,
    },
  };
};

const plain = (value: Value): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, each: unknown) => (each instanceof Reference ? each.path : each)).replaceAll(/"<(.*?[a-z\]])>"/g, '"$1"'),
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

// Debian has no package of Terraform. Where there is none, test/infra has the same checks by our own means.
describe.runIf(installed)('Terraform itself', () => {
  test('finds nothing to format', () => {
    expect(spawnSync('terraform', ['fmt', '-check', '-recursive', infra], { encoding: 'utf8' })).toMatchObject({ status: 0, stdout: '' });
  });

  test('gives every local and every for_each the value that our evaluator gives', async () => {
    const { json, names, loops } = await program();
    writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(json));
    writeFileSync(join(folder, 'lifeboat.yaml'), SAMPLE);
    writeFileSync(join(folder, 'terraform.tfvars.json'), JSON.stringify({ ...VARIABLES, config: 'lifeboat.yaml' }));
    terraform('apply', '-auto-approve', '-input=false', '-no-color');
    const seen = JSON.parse(terraform('output', '-json')) as Record<string, { value: unknown }>;
    const ours = await configurationOf();
    for (const name of names) expect.soft(sorted(seen[`local_${name}`]?.value), name).toEqual(sorted(plain(ours.local(name))));
    for (const loop of loops) {
      const keys = ours
        .instances(loop.split('.')[0] ?? '')
        .filter(({ name }) => loop.endsWith(`.${name}`))
        .map(({ key }) => key ?? '');
      const value = seen[`loop_${loop.replace('.', '_')}`]?.value;
      expect.soft(Array.isArray(value) ? value : Object.keys(value as object), loop).toEqual(keys.sort());
    }
  });
});

test('the sample has text with references in it, so that the comparison above means something', async () => {
  const blocks = await readBlocks(sources());
  const kinds = new Set(
    blocks.flatMap(({ body }) => stringsIn(body).flatMap(({ text }) => nodesOf(parseTemplate(text)).map(({ kind }) => kind))),
  );
  expect([...kinds].sort()).toEqual(
    expect.arrayContaining(['binary', 'call', 'conditional', 'for', 'index', 'object', 'splat', 'template', 'tuple']),
  );
});
