import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { run } from './measure.ts';

const GENERATOR = new URL('../demo/shop.ts', import.meta.url);
const MAKER = fileURLToPath(new URL('make-shop.ts', import.meta.url));
const DAY = 86_400_000;

/**
 * The database of so many bytes, made once and kept in `folder` under a name that changes with its
 * generator.
 */
export async function cachedShop(folder: string, scratch: string, size: number): Promise<string> {
  const digest = createHash('sha256').update(readFileSync(GENERATOR)).digest('hex').slice(0, 8);
  const path = join(folder, `shop-${size}-${digest}.sqlite3`);
  if (existsSync(path)) return path;
  const making = join(scratch, 'making.sqlite3');
  mkdirSync(scratch, { recursive: true });
  // In a process of its own: making it blocks for a minute, in which Ctrl-C must work.
  await run({ command: process.execPath, args: [MAKER, making, String(size)] });
  renameSync(making, path);
  return path;
}

/**
 * Corrects 0.1 % of the orders, spread over the whole table: their state and their date, which an
 * index covers, so about three pages a row. Which ones follows from `round`.
 */
export function touchShop(path: string, round: number): void {
  const db = new DatabaseSync(path);
  const orders = Number(db.prepare('select count(*) as n from orders').get()?.['n']);
  const correct = db.prepare("update orders set state = 'returned', placed_at = ? where id = ?");
  const rows = Math.max(1, Math.round(orders / 1000));
  db.exec('begin');
  for (let n = round * rows; n < (round + 1) * rows; n += 1) {
    // Strides of primes visit table and index evenly, and far apart from one row to the next.
    const date = new Date(Date.UTC(2022, 0, 1) + ((n * 15_485_863) % (4 * 365 * DAY)));
    correct.run(date.toISOString(), ((n * 7919) % orders) + 1);
  }
  db.exec('commit; pragma wal_checkpoint(truncate)');
  db.close();
}
