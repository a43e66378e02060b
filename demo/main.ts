import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { createShop } from './shop.ts';

const FOLDER = 'lifeboat-demo';
const MARKER = join(FOLDER, '.made-by-lifeboat-demo');
const SIZE = 64 * 2 ** 20;
const cli = join(import.meta.dirname, '..', 'cli', 'main.ts');
const say = (text: string) => process.stdout.write(`${text}\n`);

const prepareFolder = (): void => {
  if (existsSync(FOLDER) && !existsSync(MARKER)) {
    say(`There is a folder ${FOLDER} here that this demonstration did not make. Move it away first.`);
    process.exit(2);
  }
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER);
  writeFileSync(MARKER, 'The demonstration may delete this folder when it runs again.\n');
};

/** Runs the real command line, as a person would, in the demonstration's folder. */
const lifeboat = async (...args: string[]): Promise<void> => {
  say(`\n$ lifeboat ${args.map((arg) => (/[ *]/.test(arg) ? `"${arg}"` : arg)).join(' ')}`);
  const child = spawn(process.execPath, [cli, ...args], { cwd: FOLDER, stdio: 'inherit' });
  const [status] = (await once(child, 'exit')) as [number | null];
  if (status !== 0) throw new Error(`lifeboat ${args[0] ?? ''} ended with status ${String(status)}`);
};

// The restored file is looked at without leaving a -wal or -shm beside it.
const immutable = (file: string): URL => new URL(`${pathToFileURL(join(FOLDER, file)).href}?immutable=1`);

const countOrders = (file: string | URL): number => {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
  const { n } = db.prepare('select count(*) as n from orders').get() as { n: number };
  db.close();
  return n;
};

const began = performance.now();
prepareFolder();
say('Making a sample shop database of 64 MiB, and starting a process that keeps placing orders in it …');
createShop(join(FOLDER, 'shop.sqlite3'), SIZE);
const writer = fork(join(import.meta.dirname, 'writer.ts'), [join(FOLDER, 'shop.sqlite3')]);
const stopWriter = async () => {
  if (writer.exitCode !== null) return;
  writer.kill('SIGTERM');
  await once(writer, 'exit');
};
process.on('exit', () => writer.kill('SIGKILL'));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
await once(writer, 'message');
try {
  say('\nA first backup stores every page, while the shop goes on selling:');
  await lifeboat('backup', 'shop.sqlite3');
  await sleep(500);
  say('\nThe next one stores only the pages that have changed since:');
  await lifeboat('backup', 'shop.sqlite3');
  await lifeboat('list');
  await lifeboat('status');
  say('\nReading every stored byte back:');
  await lifeboat('verify', 'shop', '--read-data');
  say('\nAnd the proof that matters, a restore into a new file:');
  await lifeboat('restore', 'shop', '--to', 'restored.sqlite3');
  await lifeboat('query', 'shop', 'select count(*) as orders, max(placed_at) as newest from orders');
  const [restored, live] = [countOrders(immutable('restored.sqlite3')), countOrders(join(FOLDER, 'shop.sqlite3'))];
  await stopWriter();
  say(`
What happened: the shop had ${live} orders a moment ago and kept selling all the time; the restored file has the ${restored}
that were there when the last backup began. It is byte for byte that snapshot: its SHA-256 is the one in the manifest.
It took ${((performance.now() - began) / 1000).toFixed(1)} s. Everything is in the folder ${FOLDER}; delete it when you are done.

To try next:
  cd ${FOLDER}
  npx lifeboat backup shop.sqlite3 --json
  npx lifeboat restore shop --to shop.sqlite3 --force     the old file is set aside, never deleted
  npx lifeboat --help`);
} finally {
  await stopWriter();
}
