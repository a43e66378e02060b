import { createReadStream } from 'node:fs';
import { link, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createCrc32c } from '../../lib/crc32c.ts';
import { LifeboatError, systemCode } from '../../lib/errors.ts';
import { replaceFile, storeFailure, syncFolder, TEMPORARY, writeTemporary } from './files.ts';
import { checkKey, isKey } from '../key.ts';
import { isLock, withLock } from './lock.ts';
import { readSidecar, SIDECAR, writeSidecar } from './sidecar.ts';
import type { Body, PrunableStore, StoredObject } from '../store.ts';

/**
 * A store in a folder. Expiry and hold live in a sidecar beside each object; `remove` honours them
 * as a bucket's lifecycle would.
 */
export function createDirectoryStore(root: string): PrunableStore {
  const pathOf = (key: string): string => {
    if (isInternal(key))
      throw new LifeboatError('internal', `not a key of an object: ${key}`, 'Please report this.');
    return join(root, checkKey(key));
  };
  const guarded = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw storeFailure(error, what);
    }
  };
  const absent = (key: string) =>
    new LifeboatError(
      'not_found',
      `no object ${key}`,
      'Run `lifeboat verify` to see what else is missing.',
    );

  const describe = async (key: string): Promise<StoredObject | undefined> => {
    const path = pathOf(key);
    const found = await stat(path, { bigint: true }).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined;
      throw error;
    });
    if (!found?.isFile()) return undefined;
    const sidecar = await readSidecar(path);
    const own = sidecar?.mtime === String(found.mtimeNs);
    return {
      key,
      size: Number(found.size),
      ...(own ? { crc32c: sidecar.crc32c } : {}),
      ...(sidecar?.expires === undefined ? {} : { expires: new Date(sidecar.expires) }),
      held: sidecar?.held ?? false,
      generation: `${found.ino}-${found.mtimeNs}`,
    };
  };

  const create = async (
    key: string,
    body: Body,
    { expires }: { expires?: Date } = {},
  ): Promise<StoredObject | undefined> => {
    const path = pathOf(key);
    if (await describe(key)) return undefined;
    const crc = await createCrc32c();
    const temporary = await writeTemporary(path, body, (chunk) => crc.update(chunk));
    try {
      return await withLock(path, async () => {
        if (await describe(key)) return undefined;
        const { mtimeNs } = await stat(temporary, { bigint: true });
        // The sidecar first: an object that is visible always has its expiry. Without the object it
        // is an orphan that `sweep` removes.
        await writeSidecar(path, {
          crc32c: crc.hex(),
          mtime: String(mtimeNs),
          ...(expires ? { expires: expires.toISOString() } : {}),
          held: false,
        });
        await link(temporary, path);
        await syncFolder(dirname(path));
        return describe(key);
      });
    } finally {
      await rm(temporary, { force: true });
    }
  };

  const update = (key: string, change: { expires?: Date; held?: boolean }): Promise<void> =>
    guarded(key, async () => {
      const path = pathOf(key);
      if (!(await describe(key))) throw absent(key);
      await withLock(path, async () => {
        const [object, sidecar] = [await describe(key), await readSidecar(path)];
        if (!object) throw absent(key);
        // Lost sidecar: the object has no expiry, so there is nothing to move later.
        if (!sidecar) return;
        const expires =
          change.expires &&
          sidecar.expires !== undefined &&
          change.expires > new Date(sidecar.expires)
            ? change.expires.toISOString()
            : sidecar.expires;
        const held = change.held ?? sidecar.held;
        if (expires === sidecar.expires && held === sidecar.held) return;
        await writeSidecar(path, {
          ...sidecar,
          ...(expires === undefined ? {} : { expires }),
          held,
        });
      });
    });

  const walk = async (folder: string): Promise<string[]> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(
      (error: unknown) => {
        if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
        throw error;
      },
    );
    const names: string[] = [];
    for (const entry of entries) {
      if (entry.isDirectory()) names.push(...(await walk(`${folder}${entry.name}/`)));
      else if (entry.isFile()) names.push(`${folder}${entry.name}`);
    }
    return names;
  };

  return {
    url: root,
    create: (key, body, options) => guarded(key, () => create(key, body, options)),
    stat: (key) => guarded(key, () => describe(key)),
    async *read(key) {
      try {
        yield* createReadStream(pathOf(key), {
          highWaterMark: 1 << 20,
        }) as AsyncIterable<Uint8Array>;
      } catch (error) {
        if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') throw absent(key);
        throw storeFailure(error, key);
      }
    },
    async *list(prefix) {
      const keys = await guarded(`the list of ${prefix}`, () => walk(prefix));
      for (const key of keys.filter((name) => isKey(name) && !isInternal(name)).sort()) {
        const object = await guarded(key, () => describe(key));
        if (object) yield object;
      }
    },
    extend: (key, expires) => update(key, { expires }),
    hold: (key, held) => update(key, { held }),
    replace: (key, body, generation) =>
      guarded(key, () =>
        withLock(pathOf(key), async () => {
          if ((await describe(key))?.generation !== generation) return false;
          await replaceFile(pathOf(key), body);
          return true;
        }),
      ),
    remove: (key, now) =>
      guarded(key, async () => {
        const path = pathOf(key);
        if (!(await describe(key))) return true;
        const gone = await withLock(path, async () => {
          const object = await describe(key);
          if (!object) return true;
          if (object.held || !object.expires || object.expires > now) return false;
          // The object first: the other way round a death in between leaves one that never expires.
          await rm(path, { force: true });
          await rm(`${path}${SIDECAR}`, { force: true });
          return true;
        });
        await rmdir(dirname(path)).catch(() => undefined);
        return gone;
      }),
    sweep: (olderThan) =>
      guarded('the sweep', async () => {
        const removed: string[] = [];
        const names = await walk('');
        const present = new Set(names);
        for (const name of names.filter((each) => isInternal(each.split('/').at(-1) ?? ''))) {
          const orphan = !name.endsWith(SIDECAR) || !present.has(name.slice(0, -SIDECAR.length));
          const found = orphan ? await stat(join(root, name)).catch(() => undefined) : undefined;
          if (!found || found.mtime > olderThan) continue;
          await rm(join(root, name), { force: true });
          removed.push(name);
        }
        for (const folder of new Set(removed.map((name) => dirname(join(root, name)))))
          await rmdir(folder).catch(() => undefined);
        return removed;
      }),
  };
}

function isInternal(name: string): boolean {
  return name.startsWith(TEMPORARY) || name.endsWith(SIDECAR) || isLock(name);
}
