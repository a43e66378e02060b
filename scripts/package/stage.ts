import { execFile } from 'node:child_process';
import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { lockOf, type Lock, type Manifest } from './lock.ts';

const ENTRY = 'dist/functions/index.js';
// The command line, and what else is compiled along, has no use there.
const SHIPPED = new Set(['core', 'docs', 'functions']);
const ENGINES = { node: '>=24' };

// As the compiler writes them: at the start of a line, or as a call.
const IMPORT =
  /^(?:import\s*|(?:import|export)\b[^'"();]*?\bfrom\s*)['"]([^'"]+)['"]|\b(?:import|require|require\.resolve|import\.meta\.resolve)\(\s*['"]([^'"]+)['"]/gm;

export type Stage = {
  /** The project. */
  readonly root: string;
  /** The folder to make; what is there is deleted. */
  readonly folder: string;
  /** Puts `dist` into the folder. Tests bring their own instead of the compiler. */
  readonly build?: (root: string, folder: string) => Promise<void>;
};

/**
 * Makes the folder that Google Cloud builds the functions from: compiled code, a package.json and a
 * lock of its own. lifeboat.yaml is not in it: the functions read it from a bucket, so that a changed
 * schedule builds nothing.
 */
export async function stage({ root, folder, build = compile }: Stage): Promise<void> {
  const project = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest & {
    allowScripts?: Record<string, boolean>;
  };
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as Lock;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await build(root, folder);
  await access(join(folder, ENTRY)).catch((cause: unknown) => {
    throw new Error(`${ENTRY} is missing: functions/index.ts must be there and compile`, { cause });
  });
  const { name, version, license, dependencies } = project;
  await refuseStrays(folder, dependencies);
  await writeFile(
    join(folder, 'package.json'),
    json({
      name,
      version,
      license,
      private: true,
      type: 'module',
      main: ENTRY,
      // Empty, so that the platform's build compiles nothing.
      scripts: { 'gcp-build': '' },
      dependencies,
      engines: ENGINES,
    }),
  );
  await writeFile(join(folder, 'package-lock.json'), json(lockOf(project, ENGINES, lock)));
  // No dependency needs its install script; ssh2's would try to compile a part that is optional.
  await writeFile(join(folder, '.npmrc'), 'ignore-scripts=true\nfund=false\naudit=false\n');
}

/** Compiles into the staged folder itself, so that nothing stale of an older `dist` gets in. */
async function compile(root: string, folder: string): Promise<void> {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const dist = join(folder, 'dist');
  const run = promisify(execFile);
  try {
    await run(process.execPath, [
      compiler,
      '-p',
      join(root, 'tsconfig.build.json'),
      '--outDir',
      dist,
    ]);
    await run(process.execPath, [join(root, 'scripts', 'copy-assets.mjs'), dist]);
  } catch (cause) {
    throw new Error(
      `the compiler found faults:\n${cause instanceof Error && 'stdout' in cause ? String(cause.stdout) : String(cause)}`,
      {
        cause,
      },
    );
  }
  for (const name of await readdir(dist))
    if (!SHIPPED.has(name)) await rm(join(dist, name), { recursive: true });
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** A package that is imported, but would not be there. */
async function refuseStrays(
  folder: string,
  dependencies: Readonly<Record<string, string>>,
): Promise<void> {
  const files = (await readdir(join(folder, 'dist'), { recursive: true })).filter((file) =>
    file.endsWith('.js'),
  );
  for (const file of files) {
    const strays = bareImports(await readFile(join(folder, 'dist', file), 'utf8')).filter(
      (name) => !(name in dependencies),
    );
    if (strays.length > 0)
      throw new Error(
        `dist/${file} imports ${strays.join(', ')}, which is no production dependency`,
      );
  }
}

function bareImports(text: string): string[] {
  return [...text.matchAll(IMPORT)]
    .map(([, a, b]) => a ?? b ?? '')
    .filter((name) => !/^[./]|^(node|file|data):/.test(name) && !builtinModules.includes(name))
    .map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    );
}
