import { LifeboatError } from '../lib/errors.ts';
import type { PageRun } from './pages.ts';

/** One backup of a chain: which pages its data holds, and the data. */
export type Layer = { readonly runs: readonly PageRun[]; readonly body: AsyncIterable<Uint8Array> };
export type Segment = { readonly layer: number; readonly first: number; readonly count: number };

const HINT = 'Restore another backup with --at, and run `lifeboat verify --read-data` on this one.';

/** Which layer gives which pages of a file of `pageCount` pages: the newest that holds them. Ascending, without gaps. Throws when a page is in none. */
export function planMerge(layers: readonly (readonly PageRun[])[], pageCount: number): Segment[] {
  const plan: Segment[] = [];
  let open: PageRun[] = pageCount > 0 ? [[1, pageCount]] : [];
  for (let layer = layers.length - 1; layer >= 0 && open.length > 0; layer -= 1) {
    const left: PageRun[] = [];
    const runs = layers[layer] ?? [];
    let at = 0;
    for (const [first, count] of open) {
      const end = first + count;
      let page = first;
      for (; at < runs.length; at += 1) {
        const [start, length] = runs[at] ?? [0, 0];
        if (start >= end) break;
        const [from, to] = [Math.max(start, page), Math.min(start + length, end)];
        if (from >= to) continue;
        if (from > page) left.push([page, from - page]);
        plan.push({ layer, first: from, count: to - from });
        page = to;
        // The run reaches into the next open stretch.
        if (start + length > end) break;
      }
      if (page < end) left.push([page, end - page]);
    }
    open = left;
  }
  if (open[0])
    throw new LifeboatError(
      'backup_damaged',
      `page ${open[0][0]} is in no backup of the chain`,
      'Restore a full backup with --at.',
    );
  return plan.sort((a, b) => a.first - b.first);
}

/**
 * Gives the bytes of a chain's last snapshot to `sink`, from the first page to the last: every layer is read once and forwards, so memory
 * does not grow with the file. `blame` tells which layer a failure belongs to.
 */
export async function mergeLayers(
  layers: readonly Layer[],
  { pageSize, pageCount }: { pageSize: number; pageCount: number },
  sink: (piece: Uint8Array) => Promise<void>,
  blame: (layer: number, error: unknown) => unknown,
): Promise<void> {
  const cursors = layers.map(({ body }) => createCursor(body));
  // Where each run starts inside its layer's data; segments of a layer come in the order of its runs.
  const places = layers.map(({ runs }) => ({ runs, index: 0, before: 0 }));
  let sinking: unknown;
  const guarded = async (piece: Uint8Array): Promise<void> => {
    try {
      await sink(piece);
    } catch (error) {
      sinking = error;
      throw error;
    }
  };
  const blaming = async (layer: number, work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      throw error === sinking ? error : blame(layer, error);
    }
  };
  try {
    for (const { layer, first, count } of planMerge(
      layers.map(({ runs }) => runs),
      pageCount,
    )) {
      const [cursor, place] = [cursors[layer], places[layer]];
      if (!cursor || !place) continue;
      for (
        let run = place.runs[place.index];
        run && run[0] + run[1] <= first;
        run = place.runs[place.index]
      ) {
        place.before += run[1];
        place.index += 1;
      }
      const start = place.before + first - (place.runs[place.index]?.[0] ?? first);
      await blaming(layer, cursor.advanceTo(start * pageSize));
      await blaming(layer, cursor.take(count * pageSize, guarded));
    }
    for (const [layer, cursor] of cursors.entries()) {
      const pages = (layers[layer]?.runs ?? []).reduce((sum, [, count]) => sum + count, 0);
      await blaming(layer, cursor.finish(pages * pageSize));
    }
  } finally {
    for (const cursor of cursors) await cursor.close().catch(() => undefined);
  }
}

/** Reads a layer's bytes forwards; the position is counted in bytes of its concatenated pages. */
function createCursor(body: AsyncIterable<Uint8Array>) {
  const iterator = body[Symbol.asyncIterator]();
  let chunk: Uint8Array = Buffer.alloc(0);
  let position = 0;
  /** Passes `length` bytes to `sink` in pieces, or over them without one. */
  const advance = async (
    length: number,
    sink?: (piece: Uint8Array) => Promise<void>,
  ): Promise<void> => {
    for (let left = length; left > 0;) {
      if (chunk.length === 0) {
        const step = await iterator.next();
        if (step.done === true)
          throw new LifeboatError(
            'backup_damaged',
            'the stored data is shorter than the manifest says',
            HINT,
          );
        chunk = step.value;
      }
      const piece = chunk.subarray(0, left);
      chunk = chunk.subarray(piece.length);
      left -= piece.length;
      position += piece.length;
      if (sink && piece.length > 0) await sink(piece);
    }
  };
  return {
    advanceTo: (target: number) => advance(target - position),
    take: advance,
    /** Reads to the end, which is where the stream says whether it is what was stored. */
    finish: async (length: number): Promise<void> => {
      await advance(length - position);
      for (
        let step = await iterator.next();
        chunk.length > 0 || step.done !== true;
        step = await iterator.next()
      ) {
        if (chunk.length > 0 || (step.done !== true && step.value.length > 0))
          throw new LifeboatError(
            'backup_damaged',
            'the stored data is longer than the manifest says',
            HINT,
          );
      }
    },
    close: async (): Promise<void> => void (await iterator.return?.()),
  };
}
