import { createCrc32c } from '../../core/lib/bytes/crc32c.ts';
import { LifeboatError } from '../../core/lib/errors.ts';
import { checkKey } from '../../core/store/key.ts';
import type { Store, StoredObject } from '../../core/store/store.ts';

type Entry = StoredObject & { readonly body: Buffer };

export type MemoryStore = Store & {
  /** Deletes expired objects without a hold, as a bucket's lifecycle does: in any order, and late (`spares` selects what it leaves for another day). */
  lifecycle(now: Date, spares?: (object: StoredObject) => boolean): void;
  /** A copy with the same objects. */
  clone(): MemoryStore;
};

const LENT_BYTES = 65_536;

/** A fake: a store in memory, for tests that must not touch a disk or that break things on purpose. */
export function createMemoryStore(initial: Iterable<[string, Entry]> = []): MemoryStore {
  const entries = new Map<string, Entry>(initial);
  let generation = entries.size;
  const found = (key: string): Entry => {
    const entry = entries.get(checkKey(key));
    if (!entry) throw new LifeboatError('not_found', `no object ${key}`, 'It is a fake.');
    return entry;
  };
  const told = ({ body: _, ...object }: Entry): StoredObject => object;
  const put = async (key: string, body: Buffer, expires?: Date): Promise<Entry> => {
    const crc = await createCrc32c();
    crc.update(body);
    generation += 1;
    return {
      key,
      body,
      size: body.length,
      crc32c: crc.hex(),
      held: false,
      generation: String(generation),
      ...(expires ? { expires } : {}),
    };
  };
  return {
    lifecycle: (now, spares = () => false) => {
      for (const [key, entry] of entries)
        if (!entry.held && entry.expires && entry.expires <= now && !spares(entry))
          entries.delete(key);
    },
    clone: () => createMemoryStore(entries),
    url: 'memory:',
    create: async (key, body, { expires } = {}) => {
      checkKey(key);
      const parts: Uint8Array[] = [];
      for await (const part of body instanceof Uint8Array ? [body] : body)
        parts.push(Uint8Array.from(part));
      const entry = await put(key, Buffer.concat(parts), expires);
      if (entries.has(key)) return undefined;
      entries.set(key, entry);
      return told(entry);
    },
    stat: async (key) => {
      const entry = entries.get(checkKey(key));
      return entry && told(entry);
    },
    async *read(key) {
      const { body } = found(key);
      // Lends its pieces, as the folder does: a consumer that keeps one finds other bytes in it.
      const lent = Buffer.alloc(Math.min(body.length, LENT_BYTES));
      for (let at = 0; at < body.length; at += LENT_BYTES) {
        yield lent.subarray(0, body.copy(lent, 0, at));
        lent.fill(0xdb);
      }
    },
    async *list(prefix, { shallow = false } = {}) {
      for (const key of [...entries.keys()].sort())
        if (key.startsWith(prefix) && !(shallow && key.includes('/', prefix.length)))
          yield told(found(key));
    },
    extend: async (key, expires) => {
      const entry = found(key);
      if (entry.expires && expires > entry.expires) entries.set(key, { ...entry, expires });
    },
    hold: async (key, held) => void entries.set(key, { ...found(key), held }),
    replace: async (key, body, seen) => {
      const entry = await put(checkKey(key), Buffer.from(body));
      if (entries.get(key)?.generation !== seen) return false;
      entries.set(key, entry);
      return true;
    },
  };
}
