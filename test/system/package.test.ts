import { execFileSync, spawn } from 'node:child_process';
import {
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
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..', '..');
const entry = join(root, 'functions', 'index.ts');
const temporary = mkdtempSync(join(tmpdir(), 'lifeboat-package-'));
const unpacked = join(temporary, 'unpacked');
afterAll(() => rmSync(temporary, { recursive: true }));

// A substitute for the platform: loads the module in `main`, as functions-framework does, and serves one function on the loopback interface.
const SERVER = `
import { readFileSync } from 'node:fs';
import { getTestServer } from '@google-cloud/functions-framework/testing';
await import(new URL(JSON.parse(readFileSync('package.json', 'utf8')).main, import.meta.url));
const server = getTestServer(process.argv[2]).listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit());
`;

const serve = async (
  name: string,
): Promise<{ port: number; stop: () => void; stderr: () => string }> => {
  let stderr = '';
  const child = spawn(process.execPath, ['serve.mjs', name], {
    cwd: unpacked,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {
      PATH: process.env['PATH'],
      LIFEBOAT_CONFIG: join(temporary, 'lifeboat.yaml'),
      // The package expects a bucket, which this test does not have.
      LIFEBOAT_STORE: join(temporary, 'backups'),
      METADATA_SERVER_DETECTION: 'none',
    },
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const port = await new Promise<number>((resolve, reject) => {
    child.on('message', (message) => resolve(Number(message)));
    child.on('exit', (code) => reject(new Error(`${name} ended with ${code}: ${stderr}`)));
  });
  return { port, stop: () => child.kill(), stderr: () => stderr };
};

const pack = (out: string): string =>
  execFileSync(
    process.execPath,
    ['scripts/package/main.ts', '--config', join(temporary, 'lifeboat.yaml'), '--out', out],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );

type Step = { readonly id: string; readonly entrypoint: string; readonly args: readonly string[] };

/** The steps of cloudbuild.yaml after `install`, `unit` and `e2e`, which are what runs this test. */
const cloudBuildSteps = (substitutions: Readonly<Record<string, string>>): Step[] => {
  const build = parse(readFileSync(join(root, 'cloudbuild.yaml'), 'utf8')) as {
    readonly steps: readonly Step[];
    readonly substitutions: Readonly<Record<string, string>>;
  };
  const values = { ...build.substitutions, ...substitutions };
  const filled = (text: string): string =>
    text.replaceAll(/\$\{(_[A-Z_]+)\}/g, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`nobody sets ${name}`);
      return value;
    });
  return build.steps
    .filter(({ id }) => !['install', 'unit', 'e2e'].includes(id))
    .map((step) => ({ ...step, args: step.args.map(filled) }));
};

describe('the package', () => {
  beforeAll(() => {
    writeFileSync(join(temporary, 'lifeboat.yaml'), 'store: gs://acme-backups\ndatabases: {}\n');
    pack(join(temporary, 'build'));
    execFileSync('python3', [
      '-m',
      'zipfile',
      '-e',
      join(temporary, 'build', 'lifeboat.zip'),
      unpacked,
    ]);
    writeFileSync(join(unpacked, 'serve.mjs'), SERVER);
    execFileSync('npm', ['ci', '--omit=dev'], { cwd: unpacked, stdio: 'pipe' });
  }, 300_000);

  test('is made by the steps of cloudbuild.yaml from the file that init writes', () => {
    const project = join(temporary, 'project');
    const [programs, record] = [join(project, 'bin'), join(project, 'calls')];
    mkdirSync(programs, { recursive: true });
    writeFileSync(join(programs, 'terraform'), `#!/bin/sh\necho "$@" >>${record}\n`, {
      mode: 0o755,
    });
    const env = {
      PATH: `${programs}:${process.env['PATH']}`,
      HOME: project,
      METADATA_SERVER_DETECTION: 'none',
    };
    const init = [
      'init',
      '--yes',
      '--store',
      'gs://acme-backups',
      '--source',
      'gs://acme-files/shop.db',
    ];
    execFileSync(process.execPath, [join(root, 'cli/main.ts'), ...init], { cwd: project, env });
    const config = join(project, 'lifeboat.yaml');
    const out = join(temporary, 'cloud-build');
    const steps = cloudBuildSteps({ _CONFIG: config, _STATE_BUCKET: 'acme-terraform' });
    expect(steps.map(({ id }) => id)).toEqual(['package', 'plan', 'apply']);
    for (const { id, entrypoint, args } of steps)
      execFileSync(entrypoint, id === 'package' ? [...args, '--out', out] : args, {
        cwd: root,
        env,
        stdio: 'pipe',
      });
    expect(readFileSync(join(out, 'lifeboat.yaml'), 'utf8')).toBe(readFileSync(config, 'utf8'));
    expect(existsSync(join(out, 'lifeboat.zip'))).toBe(true);
    expect(readFileSync(record, 'utf8').split('\n')).toEqual([
      '-chdir=infra init -input=false -lockfile=readonly -backend-config=bucket=acme-terraform -backend-config=prefix=lifeboat',
      '-chdir=infra plan -input=false -var-file=lifeboat.tfvars -out=/workspace/lifeboat.tfplan',
      '-chdir=infra apply -input=false /workspace/lifeboat.tfplan',
      '',
    ]);
  });

  test('has the same digest when it is built again', () => {
    const digest = (text: string): string | undefined => /sha256 ([0-9a-f]{64})/.exec(text)?.[1];
    const [first, second] = [
      digest(pack(join(temporary, 'one'))),
      digest(pack(join(temporary, 'two'))),
    ];
    expect(first).toMatch(/./);
    expect(second).toBe(first);
  });

  test('has the same digest with another lifeboat.yaml, which the functions read from a bucket', () => {
    const config = join(temporary, 'lifeboat.yaml');
    const before = readFileSync(config, 'utf8');
    writeFileSync(config, `${before}timeZone: Europe/Lisbon\n`);
    const out = join(temporary, 'other');
    pack(out);
    writeFileSync(config, before);
    expect(readFileSync(join(out, 'lifeboat.zip'))).toEqual(
      readFileSync(join(temporary, 'build', 'lifeboat.zip')),
    );
    expect(readFileSync(join(out, 'lifeboat.yaml'), 'utf8')).toContain('Europe/Lisbon');
  });

  test('installs only production dependencies, without running their scripts', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      devDependencies: Record<string, string>;
    };
    const installed = new Set(readdirSync(join(unpacked, 'node_modules')));
    expect(
      Object.keys(devDependencies).filter((name) => !name.startsWith('@') && installed.has(name)),
    ).toEqual([]);
    expect(
      existsSync(join(unpacked, 'node_modules', 'ssh2', 'lib', 'protocol', 'crypto', 'build')),
    ).toBe(false);
    expect(existsSync(join(unpacked, 'node_modules', '.bin', 'functions-framework'))).toBe(true);
  });

  test('contains the compiled functions and core and the page on restoring, but no source, command line or test', () => {
    expect(readdirSync(join(unpacked, 'dist')).sort()).toEqual(['core', 'docs', 'functions']);
    // The page on restoring, which the status page links to.
    expect(readdirSync(join(unpacked, 'dist', 'docs'))).toEqual(['restore.md']);
    expect(
      (readdirSync(join(unpacked, 'dist'), { recursive: true }) as string[]).filter((name) =>
        name.endsWith('.ts'),
      ),
    ).toEqual([]);
  });

  const registered = [
    ...readFileSync(entry, 'utf8').matchAll(/^on(?:Event|Request)\('([\w-]+)'/gm),
  ].map(([, name = '']) => name);

  test('registers each function that Terraform deploys', () => {
    const deployed = [
      ...readFileSync(join(root, 'infra', 'module', 'functions.tf'), 'utf8').matchAll(
        /^ {4}([\w-]+) += \{ memory_mib/gm,
      ),
    ].map(([, name = '']) => name);
    expect([...registered].sort()).toEqual(deployed.sort());
  });

  test.each(registered)('starts %s and answers', async (name) => {
    const { port, stop, stderr } = await serve(name);
    try {
      // A message of another kind: the function must respond instead of crashing.
      const body = JSON.stringify({
        message: { data: Buffer.from('not json').toString('base64'), messageId: '1' },
        subscription: 's',
      });
      const answer = await fetch(`http://127.0.0.1:${port}/projects/p/topics/t`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      await answer.text();
      expect(answer.status, stderr()).toBeLessThan(500);
      expect(stderr()).not.toMatch(/ERR_MODULE_NOT_FOUND|Cannot find/);
    } finally {
      stop();
    }
  });
});
