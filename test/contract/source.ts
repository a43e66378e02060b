import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Pulled, Source } from '../../core/source/source.ts';
import { sql, SMALL } from '../support/databases.ts';
import { fingerprint, folder } from '../support/files.ts';
import { expectConsistent, startWriter } from '../support/writer.ts';

/** The other side: serves the database at `path`. */
export type Served = {
  readonly source: Source;
  /** Publishes the current state of the file, for sources that do not read the file itself. */
  readonly publish: () => Promise<void>;
  /** Cuts the next `times` connections halfway. */
  readonly cut: (times: number) => void;
  /** The files that a pull left behind on the other side. */
  readonly leftovers: () => Promise<string[]>;
};
export type Traits = {
  /** Whether the source reports a version of its content. */
  readonly versions: boolean;
  /** Whether the source reads a live file, rather than copies that somebody publishes. */
  readonly live: boolean;
  /** Whether the source has a connection that can be cut. */
  readonly remote: boolean;
};
/** A database of a few MiB, so that a cut hits it halfway. */
export const LARGE = blobs(300);
const VERY_LARGE = blobs(3000);

export function privateFolder(): string {
  const path = join(folder(), 'private');
  mkdirSync(path, { mode: 0o700 });
  return path;
}

export function countIn(path: string, what: string): number {
  const db = new DatabaseSync(path, { readOnly: true });
  const { n } = db.prepare(`select count(*) as n from ${what}`).get() as { n: number };
  db.close();
  return n;
}

export function pulled(answer: Pulled | 'unchanged'): Pulled {
  if (answer === 'unchanged') throw new Error('nothing was pulled');
  return answer;
}

/** The promises of every source. Each adapter runs this suite against a real server. */
export function sourceContract(
  name: string,
  serve: (path: string) => Promise<Served>,
  { versions, live, remote }: Traits,
): void {
  const database = async (text = SMALL) => {
    const path = join(folder(), 'app.db');
    sql(path, text);
    const served = await serve(path);
    await served.publish();
    return { path, ...served };
  };

  describe(`${name} keeps the contract of a source`, () => {
    test.each([['wal'], ['delete']])(
      'pulls a database in %s mode as one complete file and leaves nothing at the source',
      async (mode) => {
        const { path, source, leftovers } = await database(
          `pragma journal_mode = ${mode}; ${SMALL}`,
        );
        const before = fingerprint(join(path, '..'));
        const directory = privateFolder();
        const snapshot = pulled(await source.pull({ directory }));
        expect([countIn(snapshot.path, 'notes'), countIn(snapshot.path, 'tags')]).toEqual([
          400, 133,
        ]);
        expect(snapshot.size).toBe(statSync(snapshot.path).size);
        expect(snapshot.holds()).toBe(true);
        expect(Math.abs(snapshot.takenAt.getTime() - Date.now())).toBeLessThan(60_000);
        expect(
          readdirSync(directory).filter(
            (each) => !snapshot.path.endsWith(each) && !/-(wal|shm)$/.test(each),
          ),
        ).toEqual([]);
        expect(fingerprint(join(path, '..'))).toEqual(before);
        expect(await leftovers()).toEqual([]);
      },
    );

    test('measures at least the size that it then pulls, and reports progress up to the end', async () => {
      const { source } = await database(LARGE);
      const size = await source.measure();
      const seen: [number, number][] = [];
      const snapshot = pulled(
        await source.pull({ directory: privateFolder(), onProgress: (...at) => seen.push(at) }),
      );
      expect(size).toBeGreaterThanOrEqual(snapshot.size);
      expect(seen.length).toBeGreaterThan(0);
      expect(seen.at(-1)?.[0]).toBe(seen.at(-1)?.[1]);
      expect(countIn(snapshot.path, 'blobs')).toBe(300);
    });

    test('refuses a database that is larger than the limit, and leaves nothing', async () => {
      const { source, leftovers } = await database(LARGE);
      const directory = privateFolder();
      const limit = { bytes: 2 ** 20, code: 'source_suspicious', message: 'too large' } as const;
      await expect(
        source.pull({ directory, limit: { ...limit, hint: 'Raise it.' } }),
      ).rejects.toMatchObject({
        code: 'source_suspicious',
        message: 'too large',
        hint: 'Raise it.',
      });
      expect(readdirSync(directory)).toEqual([]);
      expect(await leftovers()).toEqual([]);
    });

    test('has a URL that says where it is', async () => {
      expect((await database()).source.url).toMatch(/^(file|gs|https?|ssh):\/\//);
    });

    // A source without the feature has no such test; a skipped test would fail CI.
    test.each(versions ? [name] : [])(
      '%s reports a version: an unchanged database is not sent again, a changed one is',
      async () => {
        const { path, source, publish } = await database();
        const { version } = pulled(await source.pull({ directory: privateFolder() }));
        expect(version).toMatch(/./);
        const directory = privateFolder();
        expect(await source.pull({ directory, known: version ?? '' })).toBe('unchanged');
        expect(readdirSync(directory)).toEqual([]);
        sql(path, 'delete from notes where id > 100');
        await publish();
        const next = pulled(await source.pull({ directory, known: version ?? '' }));
        expect(countIn(next.path, 'notes')).toBe(100);
        expect(next.version).not.toBe(version);
      },
    );

    test('pulls although the version of another source is known', async () => {
      const { source } = await database();
      const snapshot = pulled(
        await source.pull({ directory: privateFolder(), known: '"of another\r\nsource"' }),
      );
      expect(countIn(snapshot.path, 'notes')).toBe(400);
    });

    test('an abort before or during a pull is interrupted and leaves nothing on either side', async () => {
      const { source, leftovers } = await database(VERY_LARGE);
      const directory = privateFolder();
      await expect(source.pull({ directory, signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: 'interrupted',
      });
      const stop = new AbortController();
      const pulling = source.pull({
        directory,
        signal: stop.signal,
        onProgress: () => stop.abort(),
      });
      await expect(pulling).rejects.toMatchObject({ code: 'interrupted' });
      expect(readdirSync(directory)).toEqual([]);
      expect(await leftovers()).toEqual([]);
    });

    test('a missing file is source_unreachable', async () => {
      const { source, publish, leftovers } = await serve(join(folder(), 'absent.db'));
      await publish();
      const directory = privateFolder();
      await expect(source.pull({ directory })).rejects.toMatchObject({
        code: 'source_unreachable',
        hint: expect.stringMatching(/\.$/),
      });
      expect(readdirSync(directory)).toEqual([]);
      expect(await leftovers()).toEqual([]);
    });

    test.each([
      ['an empty file', '', 'source_empty'],
      ['a text', 'hello, I am not a database\n'.repeat(100), 'source_invalid'],
      ['a few bytes', 'SQLite format 3\0', 'source_invalid'],
    ])('%s is refused as %s', async (_, content, code) => {
      const path = join(folder(), 'app.db');
      writeFileSync(path, content);
      const { source, publish, leftovers } = await serve(path);
      await publish();
      const directory = privateFolder();
      await expect(source.pull({ directory })).rejects.toMatchObject({
        code,
        hint: expect.stringMatching(/\.$/),
      });
      expect(readdirSync(directory)).toEqual([]);
      expect(await leftovers()).toEqual([]);
    });

    test('is consistent in every pull while a process writes', async () => {
      const path = join(folder(), 'app.db');
      const writer = await startWriter(path, 'wal');
      const served = await serve(path);
      for (let n = 0; n < 3; n += 1) {
        if (!live || n === 0) await served.publish();
        const before = writer.turns();
        expectConsistent(pulled(await served.source.pull({ directory: privateFolder() })).path);
        for (let wait = 0; writer.turns() === before && wait < 200; wait += 1) await sleep(10);
        expect(writer.turns()).toBeGreaterThan(before);
      }
      expect(await served.leftovers()).toEqual([]);
    });

    test.each(remote ? [name] : [])(
      '%s resumes a connection that is cut halfway; one that is always cut is source_unreachable',
      async () => {
        const { source, cut, leftovers } = await database(LARGE);
        cut(1);
        expect(
          countIn(pulled(await source.pull({ directory: privateFolder() })).path, 'blobs'),
        ).toBe(300);
        cut(1000);
        const directory = privateFolder();
        await expect(source.pull({ directory })).rejects.toMatchObject({
          code: 'source_unreachable',
        });
        expect(readdirSync(directory)).toEqual([]);
        expect(await leftovers()).toEqual([]);
      },
    );
  });
}

function blobs(count: number): string {
  return `create table blobs (id integer primary key, body blob);
  with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count}) insert into blobs select i, randomblob(10000) from n;`;
}
