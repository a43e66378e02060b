import { globSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BACKUP, testApp } from '../support/app.ts';
import { sql, SMALL } from '../support/databases.ts';
import { folder } from '../support/files.ts';

const open = async (names: readonly string[], settings = '', overrides = {}) => {
  const cwd = folder();
  for (const name of names) sql(join(cwd, `${name}.db`), SMALL);
  writeFileSync(
    join(cwd, 'lifeboat.yaml'),
    `databases:\n${names.map((name) => `  ${name}: { source: ${name}.db${settings} }`).join('\n')}\n`,
  );
  const log: { event?: unknown; severity: string; database?: unknown }[] = [];
  const app = await testApp({
    cwd,
    overrides,
    log: (severity, _, fields) => void log.push({ severity, ...fields }),
  });
  return { ...app, cwd, log };
};
const damage = (cwd: string, name: string): void => {
  const [path = ''] = globSync(join(cwd, 'backups/databases', name, '*/*/*.zst'));
  const bytes = readFileSync(path);
  bytes[bytes.length - 9] = (bytes.at(-9) ?? 0) ^ 1;
  writeFileSync(path, bytes);
};

describe('the restore test', () => {
  test('of a name that is neither configured nor stored is not found, and leaves no run', async () => {
    const { restoreTest, cwd } = await open(['notes']);
    await expect(restoreTest('zzz', {})).rejects.toMatchObject({ code: 'not_found' });
    expect(globSync(join(cwd, 'backups/runs/*'))).toEqual([]);
  });

  test('restores the newest and an older backup, compares them with what was recorded, and reports', async () => {
    const { backup, restoreTest, status, cwd } = await open(['notes']);
    const made = [await backup('notes', BACKUP)];
    for (const id of [3, 4]) {
      sql(join(cwd, 'notes.db'), `delete from tags where id = ${id}`);
      made.push(await backup('notes', BACKUP));
    }
    const { databases } = await restoreTest(undefined, {});
    expect(databases).toMatchObject([
      {
        database: 'notes',
        ok: true,
        id: made[2]?.id,
        problems: [],
        durationMs: expect.any(Number),
      },
    ]);
    expect(databases[0]?.tested.map(({ id }) => id)).toEqual([
      made[2]?.id,
      expect.stringMatching(`${made[0]?.id}|${made[1]?.id}`),
    ]);
    const [report = ''] = globSync(join(cwd, 'backups/reports/restore-tests/notes/*.json'));
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({
      database: 'notes',
      ok: true,
      tool: expect.stringContaining('lifeboat'),
    });
    expect((await status()).databases[0]?.lastRestoreTest).toMatchObject({
      ok: true,
      id: made[2]?.id,
    });
    expect(readdirSync(cwd).filter((name) => name.startsWith('lifeboat-'))).toEqual([]);
  });

  test('goes on after a database fails, and names each with its reason', async () => {
    const names = Array.from({ length: 12 }, (_, n) => `db${n}`);
    const { backup, restoreTest, cwd, log } = await open(names);
    for (const name of names.filter((each) => each !== 'db7')) await backup(name, BACKUP);
    damage(cwd, 'db3');
    writeFileSync(globSync(join(cwd, 'backups/databases/db11/*/manifest.json'))[0] ?? '', '{}');
    const { databases } = await restoreTest(undefined, {});
    expect(databases.filter(({ ok }) => ok)).toHaveLength(9);
    expect(
      databases.filter(({ ok }) => !ok).map(({ database, problems }) => [database, problems[0]]),
    ).toEqual([
      ['db3', expect.stringContaining('backup_damaged')],
      ['db7', 'there is no backup'],
      ['db11', expect.stringContaining('manifest')],
    ]);
    expect(
      log
        .filter(({ event, severity }) => event === 'run' && severity === 'ERROR')
        .map(({ database }) => database),
    ).toEqual(['db3', 'db7', 'db11']);
  });

  test('fails when the newest backup is staler than its schedule asks for', async () => {
    let now = new Date('2026-11-23T03:00:00Z');
    const { backup, restoreTest } = await open(['notes'], ', schedule: "0 3 * * *"', {
      now: () => now,
    });
    await backup('notes', { ...BACKUP, requestedAt: now });
    now = new Date(Date.now() + 3 * 86_400_000);
    expect((await restoreTest('notes', {})).databases).toMatchObject([
      { ok: false, problems: [expect.stringMatching(/days old/)] },
    ]);
  });

  test('says when a database is too large for the memory, and does not skip it in silence', async () => {
    let memory = Number.MAX_SAFE_INTEGER;
    const space = {
      memory: () => memory,
      filesInMemory: true,
      free: async () => undefined,
      volume: async () => undefined,
      reserve: { share: 0.1 },
    };
    const { backup, restoreTest } = await open(['notes'], '', { space });
    await backup('notes', BACKUP);
    memory = 2 ** 20;
    expect((await restoreTest('notes', {})).databases).toMatchObject([
      { ok: false, problems: [expect.stringContaining('insufficient_space')] },
    ]);
  });

  test('needs no configuration for a database that the command names', async () => {
    const { backup, restoreTest, at } = await open(['notes']);
    await backup('notes', BACKUP);
    await expect(restoreTest(at('notes.db'), {})).resolves.toMatchObject({
      databases: [{ ok: true }],
    });
  });
});
