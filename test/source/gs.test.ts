import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import type { Tuning } from '../../core/google/storage/calls.ts';
import { openStorage } from '../../core/google/storage/client.ts';
import { createGsSource } from '../../core/source/gs/gs.ts';
import { takeSnapshot } from '../../core/sqlite/snapshot/snapshot.ts';
import { countIn, LARGE, privateFolder, pulled, sourceContract } from '../contract/source.ts';
import { createSink } from '../fakes/gcs-server/bodies.ts';
import { plan, type Planned } from '../fakes/gcs-server/faults.ts';
import type { GcsServer } from '../fakes/gcs-server/server.ts';
import type { Call } from '../fakes/gcs-server/types.ts';
import { sql, SMALL } from '../support/databases.ts';
import { folder } from '../support/files.ts';
import { BUCKET, FAST, gcsServer } from '../support/gcs.ts';

const OBJECT = 'data/app.db';
/** Patient enough for a busy machine; a fault that stays needs `FAST`. */
const PATIENT = { ...FAST, totalMs: 2500, idleMs: 1000 };
const open = (
  { url }: Pick<GcsServer, 'url'>,
  { bucket = BUCKET, tuning = PATIENT }: { bucket?: string; tuning?: Partial<Tuning> } = {},
) =>
  createGsSource({
    bucket,
    object: OBJECT,
    clients: () => openStorage({ endpoint: url }),
    tuning,
    now: () => new Date(),
  });

/** Prepares an upload; the function that it returns replaces the object at once. */
const prepare = async (server: GcsServer, name: string, bytes: Buffer) => {
  const sink = await createSink('memory');
  await sink.append([bytes]);
  const content = await sink.finish();
  return () => void server.bucket(BUCKET).insert({ name }, content, new URLSearchParams());
};
const putBytes = async (server: GcsServer, name: string, bytes: Buffer): Promise<void> =>
  (await prepare(server, name, bytes))();
const put = async (server: GcsServer, path: string): Promise<void> => {
  for (const suffix of ['', '-wal', '-journal'])
    if (existsSync(`${path}${suffix}`))
      await putBytes(server, `${OBJECT}${suffix}`, readFileSync(`${path}${suffix}`));
};

sourceContract(
  'the gs source',
  async (path) => {
    const server = await gcsServer();
    const publish = async () => {
      if (!existsSync(path)) return;
      const copy = existsSync(`${path}-wal`)
        ? (await takeSnapshot(path, { directory: privateFolder() })).path
        : path;
      await putBytes(server, OBJECT, readFileSync(copy));
    };
    return {
      source: open(server),
      publish,
      // What is cut after some bytes gets further each time, and comes whole in the end.
      cut: (times) => {
        const after = times > 100 ? 0 : 65_536;
        server.faults = plan([{ kind: 'download', times, fault: { type: 'cut', after } }]);
      },
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
    const server = await gcsServer();
    await put(server, crash(mode, change));
    const directory = privateFolder();
    const snapshot = pulled(await open(server).pull({ directory }));
    expect(countIn(snapshot.path, 'notes')).toBe(notes);
    expect(snapshot).toMatchObject({
      method: 'recovered',
      version: expect.stringMatching(/^main=\d+ (wal|journal)=\d+$/),
    });
    expect(
      readdirSync(directory).filter((name) => name.startsWith('pulled') || name.startsWith('raw')),
    ).toEqual([]);
    expect(await open(server).measure()).toBeGreaterThan(2 * snapshot.size);
  });

  test('a WAL database without its -wal is whole when its header says so, and refused when not', async () => {
    const path = crash(
      'wal',
      'begin; insert into notes (body) select hex(zeroblob(900)) from notes; commit',
    );
    const server = await gcsServer();
    await putBytes(server, OBJECT, readFileSync(path));
    expect(
      countIn(pulled(await open(server).pull({ directory: privateFolder() })).path, 'notes'),
    ).toBe(400);
    await putBytes(server, OBJECT, readFileSync(path).subarray(0, 8192));
    await expect(open(server).pull({ directory: privateFolder() })).rejects.toMatchObject({
      code: 'source_invalid',
    });
  });
});

describe('objects that change during a pull', () => {
  /** Calls `change` before the request, so many times; `last look`: before those after the pull. */
  const changeAt = (
    server: GcsServer,
    kind: Call['kind'] | 'the last look',
    times: number,
    change: () => void,
  ): void => {
    let [requests, remaining] = [0, times];
    server.faults = ({ kind: present, name }) => {
      if (name !== OBJECT) return undefined;
      requests += 1;
      const isTime =
        present === kind || (kind === 'the last look' && present === 'get' && requests > 2);
      if (remaining > 0 && isTime) {
        remaining -= 1;
        change();
      }
      return undefined;
    };
  };
  const replaceAt = async (kind: Call['kind'] | 'the last look', times: number) => {
    const [path, next] = [join(folder(), 'one.db'), join(folder(), 'two.db')];
    sql(path, LARGE);
    sql(next, `${LARGE} delete from blobs where id > 10`);
    const server = await gcsServer();
    await put(server, path);
    changeAt(server, kind, times, await prepare(server, OBJECT, readFileSync(next)));
    return server;
  };

  test.each([['download'], ['the last look']] as const)(
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
    const server = await gcsServer();
    await putBytes(server, OBJECT, readFileSync(path));
    const uploadWal = await prepare(server, `${OBJECT}-wal`, readFileSync(`${path}-wal`));
    changeAt(server, 'download', 1, uploadWal);
    expect(
      countIn(pulled(await open(server).pull({ directory: privateFolder() })).path, 'notes'),
    ).toBe(401);
  });

  test('again and again are source_busy, and leave nothing', async () => {
    const directory = privateFolder();
    await expect(open(await replaceAt('download', 1000)).pull({ directory })).rejects.toMatchObject(
      {
        code: 'source_busy',
      },
    );
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('faults on the way', () => {
  const served = async (...faults: Planned[]) => {
    const path = join(folder(), 'app.db');
    sql(path, LARGE);
    const server = await gcsServer();
    await put(server, path);
    server.faults = plan(faults.map((each) => ({ kind: 'download', ...each })));
    return server;
  };
  const pullFrom = async (server: GcsServer) =>
    pulled(await open(server).pull({ directory: privateFolder() }));
  const rangesOf = (server: GcsServer) =>
    server.calls.filter(({ kind }) => kind === 'download').map(({ range }) => range);

  test('a body that is cut is resumed where it was cut', async () => {
    const server = await served({ fault: { type: 'cut', after: 524_288 }, times: 3 });
    expect(countIn((await pullFrom(server)).path, 'blobs')).toBe(300);
    const [first, ...others] = rangesOf(server);
    expect(first).toBe('');
    expect(others).toHaveLength(3);
    expect(others.every((range) => /^bytes=[1-9]\d+-$/.test(range))).toBe(true);
    const { generation } = server.bucket(BUCKET).find(OBJECT).meta;
    const downloads = server.calls.filter(({ kind }) => kind === 'download');
    expect(downloads.every(({ url }) => url.includes(`generation=${generation}`))).toBe(true);
  });

  test.each<[string, Planned['fault']]>([
    ['altered', { type: 'corrupt', at: 70_000 }],
    ['cut before its first byte', { type: 'cut', after: 0 }],
  ])('a body that is always %s is source_unreachable', async (_, fault) => {
    const directory = privateFolder();
    const server = await served({ fault, times: Infinity });
    await expect(open(server, { tuning: FAST }).pull({ directory })).rejects.toMatchObject({
      code: 'source_unreachable',
      hint: expect.not.stringContaining('verify'),
    });
    expect(readdirSync(directory)).toEqual([]);
  });

  test('a body that is altered once is requested again', async () => {
    const server = await served({ fault: { type: 'corrupt', at: 2_000_000 } });
    const seen: number[] = [];
    const snapshot = pulled(
      await open(server).pull({
        directory: privateFolder(),
        onProgress: (bytes) => seen.push(bytes),
      }),
    );
    expect(countIn(snapshot.path, 'blobs')).toBe(300);
    expect(rangesOf(server)).toEqual(['', '']);
    expect(seen.at(-1)).toBe(snapshot.size);
  });

  test('a body that stalls is given up after a while, and requested again', async () => {
    const server = await served({ fault: { type: 'stall', after: 65_536 } });
    expect(countIn((await pullFrom(server)).path, 'blobs')).toBe(300);
  });

  test('a Google Cloud Storage that is always busy is source_unreachable after several attempts', async () => {
    const server = await served({
      kind: 'get',
      fault: { type: 'status', status: 503 },
      times: null,
    });
    await expect(
      open(server, { tuning: FAST }).pull({ directory: privateFolder() }),
    ).rejects.toMatchObject({
      code: 'source_unreachable',
      message: expect.stringContaining(`gs://${BUCKET}/${OBJECT} cannot be read`),
    });
    expect(server.calls.length).toBeGreaterThan(3);
  });

  test('a missing permission is source_unreachable at once, and named', async () => {
    const server = await gcsServer({ policies: { nobody: { identity: 'nobody@x' } } });
    await expect(
      open({ url: server.as('nobody') }).pull({ directory: privateFolder() }),
    ).rejects.toMatchObject({
      code: 'source_unreachable',
      message: expect.stringContaining('lacks storage.objects.get'),
    });
    expect(server.calls.filter(({ name }) => name === OBJECT)).toHaveLength(1);
  });

  test('a missing bucket is config_invalid, and a similar one is named', async () => {
    const server = await served();
    await expect(
      open(server, { bucket: 'acme-bakups' }).pull({ directory: privateFolder() }),
    ).rejects.toMatchObject({ code: 'config_invalid', hint: `Did you mean gs://${BUCKET}?` });
  });

  test('a temporary folder that cannot be written to is not taken for a fault of the source', async () => {
    const directory = join(folder(), 'none');
    await expect(open(await served()).pull({ directory })).rejects.not.toMatchObject({
      code: 'source_unreachable',
    });
    mkdirSync(directory);
  });
});
