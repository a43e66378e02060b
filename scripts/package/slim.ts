import { execFileSync } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

// Packs the same code with fewer dependencies, for a host with a folder as its store. What it leaves
// out is an optional peer: the error that needs it prints the command that installs it.
const LEFT_OUT = [
  '@google-cloud/functions-framework',
  '@google-cloud/pubsub',
  '@google-cloud/scheduler',
  '@google-cloud/storage',
  '@grpc/grpc-js',
  '@sendgrid/mail',
  'google-auth-library',
];
// Of the 30 MB of sql.js, Node needs these.
const SQL_JS = ['package.json', 'LICENSE', 'dist/sql-wasm.js', 'dist/sql-wasm.wasm'];
const SHIPPED = ['dist', 'README.md', 'CHANGELOG.md', 'LICENSE', 'SECURITY.md', 'docs/lifeboat.1'];

type Project = {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
};

const root = join(import.meta.dirname, '..', '..');
const { values } = parseArgs({ options: { out: { type: 'string', default: 'build' } } });
const folder = join(resolve(values.out), 'slim');
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
for (const path of SHIPPED) await cp(join(root, path), join(folder, path), { recursive: true });
for (const path of SQL_JS)
  await cp(join(root, 'node_modules/sql.js', path), join(folder, 'node_modules/sql.js', path));
const project = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Project;
await writeFile(
  join(folder, 'package.json'),
  `${JSON.stringify(slimManifest(project), null, 2)}\n`,
);
execFileSync('npm', ['pack', '--pack-destination', resolve(values.out)], {
  cwd: folder,
  stdio: ['ignore', 'inherit', 'inherit'],
});

function slimManifest({ name, version, dependencies, ...project }: Project): object {
  const entries = Object.entries(dependencies);
  const isLeftOut = ([dependency]: readonly [string, string]): boolean =>
    LEFT_OUT.includes(dependency);
  const optional = entries.filter(isLeftOut);
  const { description, license, bin, man, type, engines } = project;
  return {
    name: `${name}-slim`,
    version,
    description,
    license,
    bin,
    man,
    type,
    engines,
    files: SHIPPED,
    dependencies: Object.fromEntries(entries.filter((entry) => !isLeftOut(entry))),
    bundleDependencies: ['sql.js'],
    peerDependencies: Object.fromEntries(optional),
    peerDependenciesMeta: Object.fromEntries(
      optional.map(([dependency]) => [dependency, { optional: true }]),
    ),
  };
}
