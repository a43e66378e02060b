import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { LifeboatError } from '../../core/lib/errors.ts';
import { createGsSource } from '../../core/source/gs.ts';
import { takeSnapshot } from '../../core/sqlite/snapshot.ts';
import { countIn, LARGE, privateFolder, pulled, sourceContract } from '../contract/source.ts';
import { MemoryObjects } from '../fakes/memory-objects.ts';
import { sql, SMALL } from '../support/databases.ts';
import { folder } from '../support/files.ts';

const patience = { idleMs: 2000, attempts: 4, pauseMs: 1 };
const open = (objects: MemoryObjects) =>
  createGsSource({ bucket: 'acme', object: 'data/app.db', reader: objects, patience });
const put = async (objects: MemoryObjects, path: string): Promise<void> => {
  for (const suffix of ['', '-wal', '-journal'])
    if (existsSync(`${path}${suffix}`))
      await objects.put(`data/app.db${suffix}`, readFileSync(`${path}${suffix}`));
};

sourceContract(
  'the gs source',
  async (path) => {
    const objects = new MemoryObjects();
    let cuts = 0;
    objects.piece = (bytes, at) => {
      if (cuts === 0 || at === 0) return bytes;
      cuts -= 1;
      throw new Error('ECONNRESET');
    };
    const publish = async () => {
      if (!existsSync(path)) return;
      const copied = existsSync(`${path}-wal`)
        ? (await takeSnapshot(path, { directory: privateFolder() })).path
        : path;
      await objects.put('data/app.db', readFileSync(copied));
    };
    return {
      source: open(objects),
      publish,
      cut: (times) => (cuts = times),
      leftovers: async () => [],
    };
  },
  { versions: true, live: false, remote: true },
);

/** The files of a database as they are while a transaction is open. */
const crash = (mode: string, change: string): string => {
  const [live, home] = [join(folder(), 'live.db'), folder()];
  sql(live, `pragma journal_mode = ${mode}; ${SMALL}`);
  const db = new DatabaseSync(live, { enableForeignKeyConstraints: false });
  db.exec(`pragma wal_autocheckpoint = 0; pragma cache_size = 2; ${change}`);
  for (const suffix of ['', '-wal', '-journal'])
    if (existsSync(`${live}${suffix}`))
      copyFileSync(`${live}${suffix}`, join(home, `app.db${suffix}`));
  db.close();
  return join(home, 'app.db');
};

describe('siblings in the bucket', () => {
  test.each([
    ['a -wal is applied', 'wal', 'insert into notes (body) values (1), (2)', 402],
    ['a hot -journal is rolled back', 'delete', 'begin; delete from notes where id > 50', 400],
  ])('%s', async (_, mode, change, notes) => {
    const objects = new MemoryObjects();
    await put(objects, crash(mode, change));
    const directory = privateFolder();
    const snapshot = pulled(await open(objects).pull({ directory }));
    expect(countIn(snapshot.path, 'notes')).toBe(notes);
    expect(snapshot).toMatchObject({
      method: 'recovered',
      version: expect.stringMatching(/^main=\d+ (wal|journal)=\d+$/),
    });
    expect(
      readdirSync(directory).filter((name) => name.startsWith('pulled') || name.startsWith('raw')),
    ).toEqual([]);
    expect(await open(objects).measure()).toBeGreaterThan(2 * snapshot.size);
  });

  test('a WAL database without its -wal is whole when its header says so, and refused when not', async () => {
    const path = crash(
      'wal',
      'begin; insert into notes (body) select hex(zeroblob(900)) from notes; commit',
    );
    const objects = new MemoryObjects();
    await objects.put('data/app.db', readFileSync(path));
    expect(
      countIn(pulled(await open(objects).pull({ directory: privateFolder() })).path, 'notes'),
    ).toBe(400);
    await objects.put('data/app.db', readFileSync(path).subarray(0, 8192));
    await expect(open(objects).pull({ directory: privateFolder() })).rejects.toMatchObject({
      code: 'source_invalid',
    });
  });
});

describe('objects that change during a pull', () => {
  const replaceAt = async (call: string, times: number) => {
    const [path, next] = [join(folder(), 'one.db'), join(folder(), 'two.db')];
    sql(path, LARGE);
    sql(next, `${LARGE} delete from blobs where id > 10`);
    const objects = new MemoryObjects();
    await put(objects, path);
    let [seen, left] = [0, times];
    objects.before = async (name, object) => {
      if (object !== 'data/app.db') return;
      seen += 1;
      if (
        left === 0 ||
        !(name === call || (call === 'the last look' && name === 'stat' && seen > 2))
      )
        return;
      left -= 1;
      await objects.put('data/app.db', readFileSync(next));
    };
    return objects;
  };

  test.each([['read'], ['the last look']])(
    'are pulled anew when it happens at %s',
    async (call) => {
      const snapshot = pulled(
        await open(await replaceAt(call, 1)).pull({ directory: privateFolder() }),
      );
      expect(countIn(snapshot.path, 'blobs')).toBe(10);
    },
  );

  test('a -wal that appears afterwards belongs to what is pulled', async () => {
    const path = crash('wal', 'insert into notes (body) values (1)');
    const objects = new MemoryObjects();
    await objects.put('data/app.db', readFileSync(path));
    objects.before = async (call) => {
      if (call === 'read' && !objects.entries.has('data/app.db-wal'))
        await objects.put('data/app.db-wal', readFileSync(`${path}-wal`));
    };
    expect(
      countIn(pulled(await open(objects).pull({ directory: privateFolder() })).path, 'notes'),
    ).toBe(401);
  });

  test('again and again are source_busy, and leave nothing', async () => {
    const directory = privateFolder();
    await expect(open(await replaceAt('read', 1000)).pull({ directory })).rejects.toMatchObject({
      code: 'source_busy',
    });
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('faults on the way', () => {
  const served = async () => {
    const path = join(folder(), 'app.db');
    sql(path, LARGE);
    const objects = new MemoryObjects();
    await put(objects, path);
    return objects;
  };

  test('a cut body goes on where it was cut', async () => {
    const objects = await served();
    const offsets: number[] = [];
    objects.before = (call, _, from) => void (call === 'read' && offsets.push(from));
    objects.piece = (bytes, at) => {
      if (at > 0 && at % (512 * 1024) === 0 && !offsets.includes(at)) throw new Error('ECONNRESET');
      return bytes;
    };
    expect(
      countIn(pulled(await open(objects).pull({ directory: privateFolder() })).path, 'blobs'),
    ).toBe(300);
    expect(offsets.slice(0, 4)).toEqual([0, 512 * 1024, 1024 * 1024, 1536 * 1024]);
  });

  test.each([
    ['altered', (bytes: Buffer) => Buffer.from(bytes.map((byte) => byte ^ 1))],
    ['longer', (bytes: Buffer) => Buffer.concat([bytes, bytes])],
    ['shorter', (bytes: Buffer) => bytes.subarray(1)],
  ])('a body that is %s is source_unreachable', async (_, piece) => {
    const objects = await served();
    objects.piece = piece;
    const directory = privateFolder();
    await expect(open(objects).pull({ directory })).rejects.toMatchObject({
      code: 'source_unreachable',
    });
    expect(readdirSync(directory)).toEqual([]);
  });

  test('a body that is altered once is asked for again', async () => {
    const objects = await served();
    let altered = false;
    objects.piece = (bytes) => (altered ? bytes : ((altered = true), Buffer.alloc(bytes.length)));
    expect(
      countIn(pulled(await open(objects).pull({ directory: privateFolder() })).path, 'blobs'),
    ).toBe(300);
  });

  test('a body that stalls is given up after a while, and asked for again', async () => {
    const objects = await served();
    let stalled = false;
    objects.piece = (bytes, at) => {
      if (stalled || at < 65_536) return bytes;
      stalled = true;
      return new Promise(() => undefined);
    };
    const source = createGsSource({
      bucket: 'acme',
      object: 'data/app.db',
      reader: objects,
      patience: { ...patience, idleMs: 100 },
    });
    expect(countIn(pulled(await source.pull({ directory: privateFolder() })).path, 'blobs')).toBe(
      300,
    );
  });

  test.each([
    ['store_unreachable', 'source_unreachable', 4],
    ['store_denied', 'source_unreachable', 1],
    ['config_invalid', 'config_invalid', 1],
  ] as const)('%s of the reader is %s after %i attempts', async (code, told, attempts) => {
    const objects = await served();
    let calls = 0;
    objects.before = (_, object) => {
      if (object !== 'data/app.db') return;
      calls += 1;
      throw new LifeboatError(code, 'it is a fake', 'It is a fake.');
    };
    await expect(open(objects).pull({ directory: privateFolder() })).rejects.toMatchObject({
      code: told,
    });
    expect(calls).toBe(attempts);
  });

  test('a temporary folder that cannot be written to is not taken for a fault of the source', async () => {
    const directory = join(folder(), 'none');
    await expect(open(await served()).pull({ directory })).rejects.not.toMatchObject({
      code: 'source_unreachable',
    });
    mkdirSync(directory);
  });
});
