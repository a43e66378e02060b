import { FRAME_SIZE } from '../../format/frames.ts';
import type { Segment } from '../../format/merge.ts';
import type { PageRun } from '../../format/pages.ts';

/** A part of a frame's content, and the position in the file where it belongs. Bytes. */
export type FrameWrite = { readonly from: number; readonly length: number; readonly to: number };

/** A part of a layer's data. */
type DataPiece = { readonly at: number; readonly length: number; readonly to: number };

/**
 * Which parts of a layer's frames go where: only the pages that the plan takes from this layer, so
 * that no two layers write to the same place. `segments` are those of this layer, ascending. The
 * result is called with ascending numbers of frames.
 */
export function placeFrames(
  segments: readonly Segment[],
  runs: readonly PageRun[],
  pageSize: number,
): (frame: number) => FrameWrite[] {
  const pieces = piecesOf(segments, runs, pageSize);
  let next = 0;
  return (frame) => {
    const begin = frame * FRAME_SIZE;
    const end = begin + FRAME_SIZE;
    const writes: FrameWrite[] = [];
    for (let piece = pieces[next]; piece && piece.at < end; piece = pieces[next]) {
      const from = Math.max(piece.at, begin);
      const until = Math.min(piece.at + piece.length, end);
      if (from < until)
        writes.push({ from: from - begin, length: until - from, to: piece.to + from - piece.at });
      // It reaches into the next frame, so it is needed again.
      if (piece.at + piece.length > end) break;
      next += 1;
    }
    return writes;
  };
}

function piecesOf(
  segments: readonly Segment[],
  runs: readonly PageRun[],
  pageSize: number,
): DataPiece[] {
  let [index, pagesBefore] = [0, 0];
  return segments.map(({ first, count }) => {
    for (let run = runs[index]; run && run[0] + run[1] <= first; run = runs[index]) {
      pagesBefore += run[1];
      index += 1;
    }
    const page = pagesBefore + first - (runs[index]?.[0] ?? first);
    return { at: page * pageSize, length: count * pageSize, to: (first - 1) * pageSize };
  });
}
