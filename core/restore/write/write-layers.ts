// Writes the merged layers of a chain to an open file, by several threads, and digests what the
// file then contains. Promises that each byte is written once; whether the file is the snapshot, the
// caller decides by the digest. Imports the format.

import { createFrameCrew, type FrameCrew } from '../../format/frame-crew.ts';
import {
  AHEAD,
  damagedFrame,
  frameSize,
  splitFrames,
  type StoredFrame,
} from '../../format/frames.ts';
import { damagedLength, planMerge, type Segment } from '../../format/merge.ts';
import { countPages } from '../../format/pages.ts';
import { placeFrames } from './frame-writes.ts';
import type { StoredLayer } from '../stored-layer.ts';
import { writeFrame, type FrameFault, type FrameTask } from './write-frame.ts';

export type Shape = { readonly pageSize: number; readonly pageCount: number };

/** A frame under way. `start`: the first byte of the file that it writes. */
type Pending = {
  readonly layer: number;
  readonly start: number | undefined;
  readonly writing: Promise<void>;
};

const WRITER_MODULE = new URL(
  `./frame-writer-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

/**
 * Writes the pages of a chain's last snapshot to an open file, each once: the plan takes it from
 * the newest layer that has it. Yields, after each frame, how many bytes from the beginning of the
 * file are complete.
 * Throws `backup_damaged` for stored data that does not decode or is not as long as it must be.
 *
 * The increments come first and the base last, so that the file is complete up to the position of
 * the base, and can be digested there while the rest arrives. The caller must not close the file
 * before the iteration has ended: a thread could write to the next file of the same number.
 */
export async function* writeLayers(
  file: number,
  layers: readonly StoredLayer[],
  { pageSize, pageCount }: Shape,
): AsyncGenerator<number> {
  const plan = planMerge(
    layers.map(({ runs }) => runs),
    pageCount,
  );
  await using crew = createFrameCrew(WRITER_MODULE, writeFrame);
  const pending: Pending[] = [];
  let complete = 0;
  const awaitOldest = async (): Promise<number | undefined> => {
    const oldest = pending.shift();
    await oldest?.writing.catch((error: unknown) => {
      // The first failure is the one to report.
      pending.length = 0;
      throw layers[oldest.layer]?.blame(error) ?? error;
    });
    // Once the increments are done, all before the next byte that the base writes is complete.
    if (pending[0]?.layer !== 0) return undefined;
    return pending.find(({ start }) => start !== undefined)?.start;
  };
  try {
    for await (const { layer, frame, task } of storedFrames(file, layers, plan, pageSize)) {
      const writing = writeStored(crew, frame, task);
      // A failure before its turn would count as unhandled until then.
      writing.catch(() => undefined);
      pending.push({ layer, start: layer === 0 ? task.writes[0]?.to : undefined, writing });
      if (pending.length === AHEAD) complete = (await awaitOldest()) ?? complete;
      yield complete;
    }
  } catch (error) {
    // What was begun before the input failed comes first: a frame that does not decode says more
    // than a sum that does not fit.
    while (pending.length > 0) await awaitOldest();
    throw error;
  }
  while (pending.length > 0) await awaitOldest();
  yield pageCount * pageSize;
}

/** Throws `backup_damaged` with the fact `frame`, or the error of the system. */
async function writeStored(
  crew: FrameCrew<FrameTask, FrameFault | undefined>,
  { frame, bytes }: StoredFrame,
  task: FrameTask,
): Promise<void> {
  const fault = await crew.run(bytes, task);
  if (fault?.about === 'frame') throw damagedFrame(frame, fault.what);
  if (fault) throw Object.assign(new Error(fault.message), { code: fault.code });
}

type LayerFrame = {
  readonly layer: number;
  readonly frame: StoredFrame;
  readonly task: FrameTask;
};

/** The frames of all layers, from the newest to the base. */
async function* storedFrames(
  file: number,
  layers: readonly StoredLayer[],
  plan: readonly Segment[],
  pageSize: number,
): AsyncGenerator<LayerFrame> {
  const segments = layers.map((): Segment[] => []);
  for (const segment of plan) segments[segment.layer]?.push(segment);
  for (const [layer, { runs, body, blame }] of [...layers.entries()].reverse()) {
    const total = countPages(runs) * pageSize;
    const writesOf = placeFrames(segments[layer] ?? [], runs, pageSize);
    let end = 0;
    try {
      for await (const frame of splitFrames(body())) {
        const size = frameSize(frame.frame, total);
        if (size <= 0) throw damagedLength('longer');
        yield { layer, frame, task: { file, size, writes: writesOf(frame.frame) } };
        end += size;
      }
      if (end < total) throw damagedLength('shorter');
    } catch (error) {
      throw blame(error);
    }
  }
}
