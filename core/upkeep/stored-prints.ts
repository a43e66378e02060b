import { createFrameCrew, type FrameCrew } from '../format/frame-crew.ts';
import { AHEAD, damagedFrame, frameSize, splitFrames } from '../format/frames.ts';
import { damagedLength } from '../format/merge.ts';
import { printFrame, type PrintTask } from './print-frame.ts';

export type PrintCrew = FrameCrew<PrintTask, Uint8Array | string>;

const PRINTER_MODULE = new URL(
  `./print-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

export function createPrintCrew(): PrintCrew {
  return createFrameCrew(PRINTER_MODULE, printFrame);
}

/**
 * Decodes stored pages and gives their fingerprints, in the order of the pages. `total` is the
 * number of bytes that they must have. Throws `backup_damaged`.
 */
export async function* storedPrints(
  crew: PrintCrew,
  body: AsyncIterable<Uint8Array>,
  { total, ...task }: Omit<PrintTask, 'size'> & { readonly total: number },
): AsyncGenerator<Uint8Array> {
  const pending: Promise<Uint8Array>[] = [];
  let end = 0;
  try {
    for await (const { frame, bytes } of splitFrames(body)) {
      const size = frameSize(frame, total);
      if (size <= 0) throw damagedLength('longer');
      end += size;
      const prints = crew.run(bytes, { ...task, size }).then((reply) => {
        if (typeof reply === 'string') throw damagedFrame(frame, reply);
        return reply;
      });
      // A failure before its turn would count as unhandled until then.
      prints.catch(() => undefined);
      if (pending.push(prints) === AHEAD) yield (await pending.shift()) ?? new Uint8Array();
    }
    if (end < total) throw damagedLength('shorter');
    while (pending.length > 0) yield (await pending.shift()) ?? new Uint8Array();
  } finally {
    // The crew is used again, and the memory of these frames with it.
    await Promise.allSettled(pending);
  }
}
