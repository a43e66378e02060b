import { DAMAGED_CHAIN_HINT } from './frames.ts';
import { LifeboatError } from '../lib/errors.ts';
import { countPages, type PageRun } from './pages.ts';

/** One backup of a chain: the pages in its data, and the data. */
export type Layer = { readonly runs: readonly PageRun[]; readonly body: AsyncIterable<Uint8Array> };
/** Pages that one layer provides. */
export type Segment = { readonly layer: number; readonly first: number; readonly count: number };

/**
 * Assigns each page of a file of `pageCount` pages to the newest layer that has it. The segments
 * ascend without gaps. Throws `backup_damaged` when no layer has a page.
 */
export function planMerge(layers: readonly (readonly PageRun[])[], pageCount: number): Segment[] {
  const plan: Segment[] = [];
  let missing: PageRun[] = pageCount > 0 ? [[1, pageCount]] : [];
  for (let layer = layers.length - 1; layer >= 0 && missing.length > 0; layer -= 1) {
    const rest: PageRun[] = [];
    const runs = layers[layer] ?? [];
    let at = 0;
    for (const [first, count] of missing) {
      const end = first + count;
      let page = first;
      for (; at < runs.length; at += 1) {
        const [start, length] = runs[at] ?? [0, 0];
        if (start >= end) break;
        const [from, to] = [Math.max(start, page), Math.min(start + length, end)];
        if (from >= to) continue;
        if (from > page) rest.push([page, from - page]);
        plan.push({ layer, first: from, count: to - from });
        page = to;
        // The run reaches into the next missing run, so it is needed again.
        if (start + length > end) break;
      }
      if (page < end) rest.push([page, end - page]);
    }
    missing = rest;
  }
  if (missing[0])
    throw new LifeboatError(
      'backup_damaged',
      `no backup of the chain contains page ${missing[0][0]}`,
      'Restore a full backup with --at: `lifeboat list` shows which ones are full.',
    );
  return plan.sort((a, b) => a.first - b.first);
}

/**
 * The bytes of a chain's last snapshot, from the first page to the last. Each layer is read once
 * and forwards, so memory does not grow with the file. `blame` replaces the error of a layer by one
 * that names it. A piece is valid until the next one is requested.
 */
export async function* mergeLayers(
  layers: readonly Layer[],
  { pageSize, pageCount }: { pageSize: number; pageCount: number },
  blame: (layer: number, error: unknown) => unknown,
): AsyncGenerator<Uint8Array> {
  const readers = layers.map(({ runs, body }) => createReader(runs, pageSize, body));
  const blaming = async <T>(layer: number, work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw blame(layer, error);
    }
  };
  try {
    const plan = planMerge(
      layers.map(({ runs }) => runs),
      pageCount,
    );
    for (const { layer, first, count } of plan) {
      const reader = readers[layer];
      if (!reader) continue;
      await blaming(layer, reader.skipTo(first));
      for (let rest = count * pageSize; rest > 0;) {
        const piece = await blaming(layer, reader.read(rest));
        rest -= piece.length;
        yield piece;
      }
    }
    for (const [layer, reader] of readers.entries()) await blaming(layer, reader.finish());
  } finally {
    for (const reader of readers) await reader.close().catch(() => undefined);
  }
}

/** The error of a layer whose data has another length than its runs of pages. */
export function damagedLength(is: 'shorter' | 'longer'): LifeboatError {
  return new LifeboatError(
    'backup_damaged',
    `the stored data is ${is} than the manifest says`,
    DAMAGED_CHAIN_HINT,
  );
}

/** Reads the data of a layer forwards. */
function createReader(runs: readonly PageRun[], pageSize: number, body: AsyncIterable<Uint8Array>) {
  const iterator = body[Symbol.asyncIterator]();
  let chunk: Uint8Array = Buffer.alloc(0);
  let position = 0;
  // The current run, and the pages of the runs before it.
  let [index, pagesBefore] = [0, 0];

  /** The next 1 to `most` bytes. */
  const read = async (most: number): Promise<Uint8Array> => {
    while (chunk.length === 0) {
      const step = await iterator.next();
      if (step.done === true) throw damagedLength('shorter');
      chunk = step.value;
    }
    const piece = chunk.subarray(0, most);
    chunk = chunk.subarray(piece.length);
    position += piece.length;
    return piece;
  };
  const skip = async (target: number): Promise<void> => {
    for (let rest = target - position; rest > 0;) rest -= (await read(rest)).length;
  };
  return {
    read,
    /** Pages are requested in ascending order. */
    skipTo: (page: number): Promise<void> => {
      for (let run = runs[index]; run && run[0] + run[1] <= page; run = runs[index]) {
        pagesBefore += run[1];
        index += 1;
      }
      return skip((pagesBefore + page - (runs[index]?.[0] ?? page)) * pageSize);
    },
    /** Reads to the end: only there does the stream report a wrong size or checksum. */
    finish: async (): Promise<void> => {
      await skip(countPages(runs) * pageSize);
      for (;;) {
        if (chunk.length > 0) throw damagedLength('longer');
        const step = await iterator.next();
        if (step.done === true) return;
        chunk = step.value;
      }
    },
    close: async (): Promise<void> => void (await iterator.return?.()),
  };
}
