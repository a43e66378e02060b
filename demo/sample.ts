import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LifeboatError } from '../core/lib/errors.ts';
import { createShop } from './shop.ts';

export const FOLDER = 'lifeboat-demo';
const MARKER = '.made-by-lifeboat-demo';
const BYTES = 64 * 2 ** 20;
const WRITER = new URL(
  `./writer${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

const CONFIGURATION = `# The sample of \`lifeboat dev\`. docs/configuration.md explains every key.
store: backups
databases:
  shop:
    source: shop.sqlite3
    schedule: "*/5 * * * *"
    assertions:
      - { name: has orders, sql: select count(*) > 0 from orders }
`;

export type Sample = {
  readonly folder: string;
  readonly config: string;
  readonly database: string;
  stop(): Promise<void>;
};

/**
 * Creates a sample shop in a folder of its own, and starts a process that keeps placing orders in
 * it. Throws `usage` for a folder that the sample did not create.
 */
export async function startSample(cwd: string): Promise<Sample> {
  const folder = join(cwd, FOLDER);
  if (existsSync(folder) && !existsSync(join(folder, MARKER)))
    throw new LifeboatError(
      'usage',
      `the folder ${folder} exists, and the sample did not create it`,
      'Move it away, or create a lifeboat.yaml with `lifeboat init`.',
    );
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  writeFileSync(join(folder, MARKER), 'The sample deletes this folder when it starts again.\n');
  const config = join(folder, 'lifeboat.yaml');
  writeFileSync(config, CONFIGURATION);
  const database = join(folder, 'shop.sqlite3');
  createShop(database, BYTES);
  const writer: ChildProcess = fork(WRITER, [database], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  await once(writer, 'message');
  return {
    folder,
    config,
    database,
    stop: async () => {
      if (writer.exitCode !== null || writer.signalCode !== null) return;
      writer.kill('SIGTERM');
      await once(writer, 'exit');
    },
  };
}
