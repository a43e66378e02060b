import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import type { BackupDocument } from '../../core/documents/backup.ts';
import { sql } from '../support/databases.ts';
import { folder } from '../support/files.ts';
import { lifeboatWithClock } from '../support/wrong-clock.ts';

type Finding = { check: string; about: string; result: string; detail: string };

/** A folder with a database, and with commands that run there while the clock is off. */
function shop() {
  const cwd = folder();
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    'store: ./store\ndatabases:\n  shop: { source: ./shop.db, schedule: "0 3 * * *" }\n',
  );
  // Large enough for incremental backups of the page that changes.
  sql(
    join(cwd, 'shop.db'),
    'create table ballast (b); insert into ballast values (zeroblob(99999))',
  );
  sql(join(cwd, 'shop.db'), 'create table sales (day)');
  const at = (days: number, ...args: string[]) => lifeboatWithClock(days, cwd, ...args);
  const backup = (days: number): { id: string; stderr: string } => {
    sql(join(cwd, 'shop.db'), `insert into sales values (${days})`);
    const { status, document, stderr } = at(days, 'backup', 'shop');
    expect(status, stderr).toBe(0);
    return { id: String(document['id']), stderr };
  };
  const list = (days: number) => at(days, 'list', 'shop').document['backups'] as BackupDocument[];
  /** The day of the last sale in a restored backup, and what the command logged. */
  const restore = (days: number, ...args: string[]) => {
    const path = join(folder(), 'restored.db');
    const { status, stderr } = at(days, 'restore', 'shop', '--to', path, ...args);
    expect(status, stderr).toBe(0);
    using db = new DatabaseSync(path, { readOnly: true });
    const last = db.prepare('select day from sales order by rowid desc limit 1').get();
    return { day: last?.['day'], stderr };
  };
  const findings = (days: number, command: 'watch' | 'doctor', check: string) =>
    (at(days, command).document[command === 'watch' ? 'verdicts' : 'findings'] as Finding[]).filter(
      (each) => each.check === check,
    );
  return { at, backup, list, restore, findings };
}

describe('after a backup with a clock that was a year ahead', () => {
  // Two dozen commands, each with processes of its own.
  test(
    'three newer ones are the newest, and 38 days without a backup are late',
    {
      timeout: 1_200_000,
    },
    () => {
      const { at, backup, list, restore, findings } = shop();
      backup(-2);
      backup(-1);
      const future = backup(365);
      const real = [backup(0), backup(1), backup(2)];
      for (const { stderr } of real) expect(stderr).toContain(`${future.id} lies in the future`);

      const restored = restore(2);
      expect(restored.day).toBe(2);
      expect(restored.stderr).toContain(`--at ${future.id}`);
      expect(restore(2, '--at', future.id).day).toBe(365);

      const listing = list(2);
      const held = listing.filter((each) => each.held).map(({ id }) => id);
      expect(listing[0]?.id).toBe(real[2]?.id);
      expect(held).toEqual(expect.arrayContaining([real[1]?.id, real[2]?.id, future.id]));
      expect(
        listing.filter(({ fault }) => fault).map(({ id, fault }) => [id, fault?.level]),
      ).toEqual([[future.id, 'future']]);

      const [status] = at(2, 'status').document['databases'] as Record<string, unknown>[];
      expect(status).toMatchObject({
        condition: 'attention',
        reasons: ['backup-from-future'],
        lastBackup: { id: real[2]?.id },
        fresh: true,
      });
      expect(findings(2, 'watch', 'late')).toMatchObject([{ result: 'ok' }]);
      expect(findings(2, 'watch', 'clock')).toMatchObject([
        {
          result: 'warning',
          about: 'future',
          detail: expect.stringContaining(future.id) as string,
        },
      ]);
      expect(findings(2, 'doctor', 'clock')).toContainEqual(
        expect.objectContaining({
          about: 'shop',
          result: 'fault',
          detail: `1 backup of shop is from the future: ${future.id}`,
        }),
      );

      expect(at(40, 'status', '--check').status).toBe(9);
      expect(findings(40, 'watch', 'late')).toMatchObject([
        { result: 'alarm', detail: expect.stringContaining('38 days ago') as string },
      ]);

      // By the clock of the file server, nothing has expired.
      const pruned = at(40, 'prune');
      expect([pruned.status, pruned.document['removed']]).toEqual([0, []]);
      expect(pruned.stderr).toMatch(/expired objects? (was|were) not deleted: by the clock of/);
      expect(list(40).map(({ id }) => id)).toEqual(expect.arrayContaining(held));
      expect(at(40, 'verify', 'shop', '--read-data').status).toBe(0);
      expect(restore(40).day).toBe(2);
    },
  );
});
