import { encodeManifest, manifestKey, type Manifest } from '../../core/format/manifest.ts';
import { collect } from '../../core/lib/bytes/bytes.ts';
import { DAY_MS } from '../../core/lib/text/time.ts';
import type { Store } from '../../core/store/store.ts';

/** Adds so many full backups to a store, each a day older than the one before, with the objects of `newest`. */
export async function addOlderBackups(
  store: Store,
  { hmac: _, digest: __, ...newest }: Manifest,
  count: number,
): Promise<void> {
  const bodies = new Map<string, Buffer>();
  for (const { key } of newest.objects) bodies.set(key, await collect(store.read(key)));
  const expires = new Date(Date.now() + 400 * DAY_MS);
  for (let n = 1; n <= count; n += 1) {
    const time = new Date(Date.parse(newest.takenAt) - n * DAY_MS).toISOString();
    const id = `${time.slice(0, 19).replaceAll(/[-:]/g, '')}Z-${String(n).padStart(8, '0')}`;
    const objects = newest.objects.map((each) => ({
      ...each,
      key: each.key.replace(newest.id, id),
    }));
    for (const [key, body] of bodies)
      await store.create(key.replace(newest.id, id), body, { expires });
    const older = {
      ...newest,
      id,
      objects,
      takenAt: time,
      requestedAt: time,
      sequence: (newest.sequence ?? 1000) - n,
      expires: expires.toISOString(),
    };
    await store.create(manifestKey(newest.database, id), encodeManifest(older), { expires });
  }
}
